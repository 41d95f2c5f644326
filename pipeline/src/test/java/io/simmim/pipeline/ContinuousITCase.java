package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.arrival.log.ArrivalLog;
import io.simmim.operators.arrival.log.ArrivalLogFiles;
import io.simmim.operators.kafka.KafkaTopic;
import io.simmim.pipeline.cluster.StandaloneCluster;
import io.simmim.pipeline.kafka.KafkaBroker;
import io.simmim.pipeline.kafka.Notifications;
import io.simmim.pipeline.s3.S3Files;
import io.simmim.pipeline.s3.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster in JVMs of its own trains on images in S3 as a Kafka topic tells of them, in bursts. A
 * run in which something was killed cannot be told from an undisturbed one by its weights and
 * metrics, and each image is new in it exactly once.
 */
@Timeout(500)
class ContinuousITCase {
  private static final String BUCKET = "s3://" + S3Server.BUCKET;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration BROKER_AWAY = Duration.ofSeconds(30);
  private static final int BURST = 40;
  private static final int BURSTS = 3;
  private static final int DECAY_STEPS = 3;

  /**
   * Chunks of 4: the first has 4 new images, each later one 2, so 120 images make 1 + 58 chunks. A
   * step has 6 of them.
   */
  private static final long STEPS = 59 / 6;

  @TempDir static Path work;
  private static S3Server server;
  private static KafkaBroker broker;
  private static StandaloneCluster cluster;
  private static Path config;
  private static List<Path> images;
  private static RunOutput undisturbed;

  @BeforeAll
  static void trainUndisturbed() throws Exception {
    Workload workload = Workload.prepare(work, 1);
    config = workload.config();
    Path folder = work.resolve("arriving");
    Photographs.draw(folder, BURST * BURSTS);
    try (Stream<Path> files = Files.walk(folder)) {
      images = files.filter(Files::isRegularFile).map(folder::relativize).sorted().toList();
    }
    server = S3Server.start(work.resolve("server"));
    S3Files.connect(server);
    S3Files.upload(folder, BUCKET + "/images");
    broker = KafkaBroker.start(work.resolve("kafka"));
    cluster =
        StandaloneCluster.start(
            work.resolve("cluster"),
            "continuous",
            Map.of(
                "s3.endpoint",
                server.endpoint().toString(),
                "s3.path.style.access",
                "true",
                "s3.access-key",
                S3Server.ACCESS_KEY,
                "s3.secret-key",
                S3Server.SECRET_KEY));
    undisturbed = train("undisturbed", (job, burst) -> {});
    assertThat(undisturbed.lastStep()).isEqualTo(STEPS + 1 + DECAY_STEPS);
  }

  @AfterAll
  static void stop() {
    for (AutoCloseable part : new AutoCloseable[] {cluster, broker, server}) {
      if (part != null) {
        try {
          part.close();
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  @Test
  void losesAndRepeatsNothingWhenTheTaskManagerIsKilled() throws Exception {
    List<String> jobs = new ArrayList<>();
    RunOutput killed =
        train(
            "task-manager-killed",
            (job, burst) -> {
              if (burst == 1) {
                jobs.add(job);
                Awaitility.await()
                    .atMost(LIMIT)
                    .until(() -> cluster.rest().completedCheckpoints(job) > 0);
                cluster.taskManager().kill();
                cluster.startTaskManager();
              }
            });

    // More than once if a try goes to the killed TaskManager, which Flink has not missed yet.
    assertThat(cluster.rest().restored(jobs.get(0))).isPositive();
    killed.assertSameAs(undisturbed);
  }

  @Test
  void waitsForABrokerThatIsKilledForHalfAMinute() throws Exception {
    List<Integer> restarts = new ArrayList<>();
    RunOutput waited =
        train(
            "broker-killed",
            (job, burst) -> {
              if (burst == 1) {
                broker.kill();
                Awaitility.await("the broker is away")
                    .pollDelay(BROKER_AWAY)
                    .atMost(BROKER_AWAY.plus(LIMIT))
                    .until(() -> true);
                broker.restart();
                restarts.add(cluster.rest().restarts(job));
              }
            });

    assertThat(restarts).containsExactly(0);
    waited.assertSameAs(undisturbed);
  }

  /** What happens after a burst has been sent. */
  private interface Disturbance {
    void after(String job, int burst) throws Exception;
  }

  /** Sends all images in bursts, and ends the run when it has trained on them. */
  private static RunOutput train(String name, Disturbance disturbance) throws Exception {
    RunOutput output = new RunOutput(work.resolve(name));
    KafkaTopic topic = broker.createTopic(name, 1);
    String job =
        cluster.submit(List.of("-p", "2"), arguments(output, "--events", topic.toString()));
    for (int burst = 0; burst < BURSTS; burst++) {
      try (Notifications notifications = new Notifications(topic)) {
        send(notifications, burst);
      }
      disturbance.after(job, burst);
    }
    awaitStep(output, STEPS);
    Path savepoint = cluster.stop(job, output.path().resolve("savepoints"));
    assertThat(output.lastStep()).isEqualTo(STEPS);
    assertThat(savepoint).exists();

    String ending =
        cluster.submit(
            List.of("-p", "1"), arguments(output, "--decay-steps", Integer.toString(DECAY_STEPS)));
    assertThat(cluster.rest().awaitEnd(ending, LIMIT))
        .as(() -> failure(ending))
        .isEqualTo("FINISHED");
    assertEachIsNewOnce(output);
    return output;
  }

  private static void send(Notifications notifications, int burst) throws Exception {
    notifications.send("{\"Event\":\"s3:TestEvent\"}");
    for (Path image : images.subList(burst * BURST, (burst + 1) * BURST)) {
      String key = "images/" + image;
      long bytes = Files.size(work.resolve("arriving").resolve(image));
      notifications.created(S3Server.BUCKET, key, bytes, "tag-" + image.getFileName());
      if (burst == 1) { // S3 may tell of an object more than once
        notifications.created(S3Server.BUCKET, key, bytes, "tag-" + image.getFileName());
      }
      notifications.created("other-bucket", key, bytes, "tag");
    }
  }

  private static List<String> arguments(RunOutput output, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "pretrain",
                "--input",
                BUCKET + "/images",
                "--output",
                output.path().toString(),
                "--config",
                config.toString(),
                "--set",
                "continuous.epoch-steps=5"));
    arguments.addAll(List.of(more));
    return arguments;
  }

  private static void awaitStep(RunOutput output, long step) {
    Awaitility.await("step " + step)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> output.lastStep() >= step);
  }

  private static void assertEachIsNewOnce(RunOutput output) throws IOException {
    ArrivalLog log =
        ArrivalLogFiles.readNewest(
            new org.apache.flink.core.fs.Path(output.path().resolve("arrivals").toUri()));
    List<String> arrived = new ArrayList<>();
    log.forEachImage((id, image) -> arrived.add(image.uri()));
    assertThat(arrived)
        .containsExactlyElementsOf(
            images.stream().map(image -> BUCKET + "/images/" + image).toList());
    assertThat(log.used()).isEqualTo(arrived.size());
  }

  private static String failure(String job) {
    try {
      return cluster.rest().failure(job);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}

package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.kafka.KafkaTopic;
import io.simmim.pipeline.cluster.StandaloneCluster;
import io.simmim.pipeline.kafka.KafkaBroker;
import io.simmim.pipeline.kafka.Notifications;
import io.simmim.pipeline.s3.S3Server;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
@Timeout(600)
class ContinuousITCase {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final Duration BROKER_AWAY = Duration.ofSeconds(30);
  private static final int DECAY_STEPS = 3;

  @TempDir static Path work;
  private static ArrivingPhotographs photographs;
  private static KafkaBroker broker;
  private static StandaloneCluster cluster;
  private static RunOutput undisturbed;

  @BeforeAll
  static void trainUndisturbed() throws Exception {
    photographs = ArrivingPhotographs.prepare(work);
    broker = KafkaBroker.start(work.resolve("kafka"));
    cluster =
        StandaloneCluster.startWithJarInLib(
            work.resolve("cluster"),
            "continuous",
            S3Server.settings(photographs.server().endpoint()));
    undisturbed = train("undisturbed", (job, burst) -> {});
    assertThat(undisturbed.lastStep()).isEqualTo(ArrivingPhotographs.STEPS + 1 + DECAY_STEPS);
  }

  @AfterAll
  static void stop() {
    for (AutoCloseable part : new AutoCloseable[] {cluster, broker, photographs}) {
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
  void losesAndRepeatsNothingWhenTheBrokerIsAwayForHalfAMinuteAndTheTaskManagerIsKilled()
      throws Exception {
    List<String> jobs = new ArrayList<>();
    RunOutput disturbed =
        train(
            "disturbed",
            (job, burst) -> {
              if (burst == 0) {
                jobs.add(job);
                Awaitility.await("a checkpoint")
                    .atMost(LIMIT)
                    .until(() -> cluster.rest().completedCheckpoints(job) > 0);
                leaveBrokerAwayForHalfAMinute();
                assertThat(cluster.rest().restarts(job)).as("it waits for the broker").isZero();
              }
              if (burst == 1) {
                cluster.taskManager().kill();
                cluster.startTaskManager();
              }
            });

    // More than once if a try goes to the killed TaskManager, which Flink has not missed yet.
    assertThat(cluster.rest().restored(jobs.get(0))).isPositive();
    disturbed.assertSameAs(undisturbed);
  }

  private static void leaveBrokerAwayForHalfAMinute() throws IOException {
    broker.kill();
    Awaitility.await("the broker is away")
        .pollDelay(BROKER_AWAY)
        .atMost(BROKER_AWAY.plus(LIMIT))
        .until(() -> true);
    broker.restart();
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
        cluster.submit(
            List.of("-p", "2"), photographs.pretrain(output, "--events", topic.toString()));
    for (int burst = 0; burst < ArrivingPhotographs.BURSTS; burst++) {
      try (Notifications notifications = new Notifications(topic)) {
        send(notifications, burst);
      }
      disturbance.after(job, burst);
    }
    awaitStep(output, ArrivingPhotographs.STEPS);
    Path savepoint = cluster.stop(job, output.path().resolve("savepoints"));
    assertThat(output.lastStep()).isEqualTo(ArrivingPhotographs.STEPS);
    assertThat(savepoint).exists();

    String ending =
        cluster.submit(
            List.of("-p", "1"),
            photographs.pretrain(output, "--decay-steps", Integer.toString(DECAY_STEPS)));
    assertThat(cluster.rest().awaitEnd(ending, LIMIT))
        .as(() -> failure(ending))
        .isEqualTo("FINISHED");
    assertThat(ArrivingPhotographs.newIn(output)).isEqualTo(photographs.uris());
    return output;
  }

  private static void send(Notifications notifications, int burst) throws Exception {
    notifications.send("{\"Event\":\"s3:TestEvent\"}");
    photographs.forEachOf(
        burst,
        (key, bytes, tag) -> {
          notifications.created(S3Server.BUCKET, key, bytes, tag);
          if (burst == 1) { // S3 may tell of an object more than once
            notifications.created(S3Server.BUCKET, key, bytes, tag);
          }
          notifications.created("other-bucket", key, bytes, "tag");
        });
  }

  private static void awaitStep(RunOutput output, long step) {
    Awaitility.await("step " + step)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> output.lastStep() >= step);
  }

  private static String failure(String job) {
    try {
      return cluster.rest().failure(job);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}

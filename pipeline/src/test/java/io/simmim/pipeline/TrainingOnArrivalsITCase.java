package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.kafka.KafkaTopic;
import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.StandaloneCluster;
import io.simmim.pipeline.command.CommandLine;
import io.simmim.pipeline.command.EmbedCommand;
import io.simmim.pipeline.command.RandomModel;
import io.simmim.pipeline.images.ArrivingPhotographs;
import io.simmim.pipeline.kafka.KafkaBroker;
import io.simmim.pipeline.kafka.Notifications;
import io.simmim.pipeline.output.EmbeddedRows;
import io.simmim.pipeline.output.RunOutput;
import io.simmim.pipeline.s3.S3Server;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Images in S3 of which events tell, in bursts. A cluster in JVMs of its own trains on them, and
 * {@code bin/simmim} embeds them: each image is new exactly once, whatever was killed meanwhile.
 */
@Timeout(600)
class TrainingOnArrivalsITCase {
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
            S3Server.settings(photographs.server().endpoint()),
            S3Server.environment()); // SQS asks for credentials, whatever they are
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

  /** One that was killed could be given tasks until Flink misses it. */
  @BeforeEach
  void awaitOneTaskManager() {
    Awaitility.await("one TaskManager")
        .atMost(LIMIT)
        .until(() -> cluster.rest().taskManagers() == 1);
  }

  /** Nor can the run be told from an undisturbed one by its weights and metrics. */
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

  /** A queue of SQS tells of each image twice, and in another order than they came. */
  @Test
  void losesAndRepeatsNothingOfAQueueWhenTheTaskManagerIsKilled() throws Exception {
    RunOutput output = new RunOutput(work.resolve("queue"));
    try (EventQueue queue = EventQueue.start("photo-events")) {
      String job =
          cluster.submit(List.of("-p", "2"), photographs.pretrain(output, "--events", queue.uri()));
      queue.send(twiceInAnyOrder(0));
      queue.send(twiceInAnyOrder(1));
      Awaitility.await().atMost(LIMIT).until(() -> cluster.rest().completedCheckpoints(job) > 0);
      cluster.taskManager().kill();
      cluster.startTaskManager();
      queue.send(twiceInAnyOrder(2));

      awaitStep(output, ArrivingPhotographs.STEPS);
      assertThat(cluster.rest().restored(job)).isPositive();
      cluster.stop(job, output.path().resolve("savepoints"));
      Awaitility.await("deletion").atMost(LIMIT).until(() -> queue.messages() == 0);
    }
    assertThat(output.lastStep()).isEqualTo(ArrivingPhotographs.STEPS);
    assertThat(ArrivingPhotographs.newIn(output))
        .containsExactlyInAnyOrderElementsOf(photographs.uris());
  }

  private static List<String> twiceInAnyOrder(int burst) throws Exception {
    List<String> events = new ArrayList<>();
    events.add("{\"Event\":\"s3:TestEvent\"}");
    photographs.forEachOf(
        burst,
        (key, bytes, tag) ->
            events.addAll(
                Collections.nCopies(2, Notifications.text(S3Server.BUCKET, key, bytes, tag))));
    Collections.shuffle(events, new Random(burst));
    return events;
  }

  @Test
  void embedsEachImageOnceThoughEventsCameTwiceAndTheProcessWasKilled() throws Exception {
    RandomModel.write(work.resolve("model"));
    CommandLine simmim = new CommandLine("embed-events", S3Server.environment());
    Path output = work.resolve("embedded");
    KafkaTopic topic = broker.createTopic("photo-events", 1);
    List<String> command = embed(topic, output);
    try (Notifications notifications = new Notifications(topic)) {
      tell(notifications, 0);
      try (ChildProcess process = simmim.start(command)) {
        awaitRows(output, 1);
        tell(notifications, 0);
        tell(notifications, 1);
        process.kill();
      }
      try (ChildProcess process = simmim.start(command)) {
        tell(notifications, 2);
        awaitRows(output, photographs.images().size());
        process.terminate();
        assertThat(process.await(LIMIT).output()).contains("continuing from", "saved in");
      }
    }

    List<String> others = new ArrayList<>(command);
    others.set(others.indexOf(ArrivingPhotographs.INPUT), ArrivingPhotographs.INPUT + "-others");
    assertThat(InThisProcess.run(others).errors())
        .contains(
            "the output holds other embeddings (name another one): input was %1$s and is %1$s-others"
                .formatted(ArrivingPhotographs.INPUT));
    assertThat(EmbeddedRows.of(output).uris())
        .containsExactlyInAnyOrderElementsOf(photographs.uris());
  }

  private static List<String> embed(KafkaTopic topic, Path output) {
    List<String> command =
        EmbedCommand.of(
            work.resolve("model"),
            ArrivingPhotographs.INPUT,
            output,
            "--events",
            topic.toString(),
            "--set",
            "parallelism=2");
    S3Server.settings(photographs.server().endpoint())
        .forEach((key, value) -> command.addAll(List.of("--set", "flink." + key + "=" + value)));
    return command;
  }

  private static void tell(Notifications notifications, int burst) throws Exception {
    photographs.forEachOf(
        burst, (key, bytes, tag) -> notifications.created(S3Server.BUCKET, key, bytes, tag));
  }

  private static void awaitRows(Path output, int count) {
    Awaitility.await(count + " rows")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> EmbeddedRows.of(output).count() >= count);
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

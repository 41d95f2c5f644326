package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.StandaloneCluster;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.output.RunOutput;
import io.simmim.pipeline.s3.DistantS3;
import io.simmim.pipeline.s3.S3Files;
import io.simmim.pipeline.s3.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster in JVMs of its own with the plugin for S3 and its defaults: input, checkpoints,
 * savepoint and output are on S3, 20 ms away, with one request in twenty refused. Each submission
 * loads the jar's classes in a class loader of its own, while native libraries belong to the JVM of
 * the TaskManager. The machines of the cluster have a language with digits of its own.
 */
@Timeout(400)
class S3ClusterITCase {
  private static final int EPOCHS = 8;

  /** Of those that a run reads: it is about in its middle when they are read. */
  private static final int SOME_IMAGES = 200;

  private static final String BUCKET = "s3://" + S3Server.BUCKET;
  private static final String OUTPUT = BUCKET + "/run";
  private static final Duration LIMIT = Duration.ofMinutes(4);

  /** Of runs on local files, in a TaskManager that has had two jobs before. */
  private static final String[] SHORT = {"--set", "training.epochs=4"};

  @TempDir private Path work;

  @Test
  void continuesFromTheSavepointItWasStoppedWithAndRunsAgainAndAgainInTheSameTaskManager()
      throws Exception {
    Workload workload = Workload.prepare(work, EPOCHS);
    RunOutput undisturbed = new RunOutput(work.resolve("undisturbed"));
    InThisProcess.run(workload.pretrain(undisturbed)).orFail();
    try (S3Server server = S3Server.start(work.resolve("server"));
        DistantS3 distant =
            DistantS3.start(
                server, new DistantS3.Behavior(Duration.ofMillis(20), 0.05, 0, false))) {
      S3Files.connect(server);
      S3Files.upload(workload.images(), BUCKET + "/images");
      try (StandaloneCluster cluster =
          StandaloneCluster.start(
              work.resolve("cluster"),
              "s3",
              S3Server.settings(distant.endpoint()),
              Map.of("JAVA_TOOL_OPTIONS", "-Duser.language=ar -Duser.country=EG"))) {
        stopAndContinue(cluster, distant, workload.config());
        runAgainAndAgain(cluster, workload);
      }
      assertThat(distant.faults()).isPositive();
      S3Files.connect(server);
      S3Files.download(OUTPUT, work.resolve("downloaded"));
    }
    new RunOutput(work.resolve("downloaded")).assertSameAs(undisturbed);
    try (Stream<Path> parts = Files.list(work.resolve("downloaded/metrics.jsonl"))) {
      assertThat(parts)
          .as("names that readers look for")
          .anyMatch(part -> part.getFileName().toString().matches("[0-9]{8}[.]jsonl"));
    }
  }

  private static void stopAndContinue(StandaloneCluster cluster, DistantS3 distant, Path config)
      throws Exception {
    List<String> arguments =
        List.of(
            "pretrain",
            "--input",
            BUCKET + "/images",
            "--output",
            OUTPUT,
            "--config",
            config.toString());
    distant.slowDownAfter(SOME_IMAGES);
    String job = cluster.submit(List.of("-p", "1"), arguments);
    Awaitility.await("a checkpoint")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> S3Files.holds(OUTPUT + "/checkpoints", "_metadata"));

    String savepoint = cluster.stop(job, OUTPUT + "/savepoints");
    distant.speedUp();
    assertThat(savepoint).startsWith(OUTPUT + "/savepoints/savepoint-");
    assertThat(S3Files.holds(OUTPUT + "/model", "model.safetensors")).isFalse();

    String resumed = cluster.submit(List.of("-p", "2", "-s", savepoint), arguments);
    assertThat(cluster.rest().awaitEnd(resumed, LIMIT))
        .as(() -> failure(cluster, resumed))
        .isEqualTo("FINISHED");
    assertThat(cluster.rest().restored(resumed)).isEqualTo(1);
  }

  private void runAgainAndAgain(StandaloneCluster cluster, Workload workload) throws Exception {
    RunOutput expected = new RunOutput(work.resolve("short"));
    InThisProcess.run(workload.pretrain(expected, SHORT)).orFail();
    for (String name : List.of("third", "fourth")) {
      RunOutput output = new RunOutput(work.resolve(name));
      String job = cluster.submit(List.of("-p", "2"), workload.pretrain(output, SHORT));
      assertThat(cluster.rest().awaitEnd(job, LIMIT)).isEqualTo("FINISHED");
      assertThat(cluster.rest().restarts(job)).isZero();
      output.assertSameAs(expected);
    }
    assertThat(cluster.taskManager().isAlive()).isTrue();
  }

  private static String failure(StandaloneCluster cluster, String job) {
    try {
      return cluster.rest().failure(job);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}

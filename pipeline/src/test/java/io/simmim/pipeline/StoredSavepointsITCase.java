package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.command.CommandLine;
import io.simmim.pipeline.images.Photographs;
import io.simmim.pipeline.output.RunOutput;
import io.simmim.pipeline.s3.S3Files;
import io.simmim.pipeline.s3.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Savepoints that earlier versions left are continued from. Those in the test resources are never
 * written again: each is the output of a run that was terminated, with its images, and the losses
 * of the run that was not. On S3, as paths must be the same wherever the test runs.
 */
@Timeout(240)
class StoredSavepointsITCase {
  private static final Path STORED = Path.of("src", "test", "resources", "savepoints");
  private static final String BUCKET = "s3://" + S3Server.BUCKET;
  private static final int STEPS = 360;

  /** Losses that are compared: later ones differ more, as processors round differently. */
  private static final int COMPARED = 10;

  /** Of a loss, between processors; other weights are beyond it. */
  private static final double RELATIVE = 1e-3;

  @TempDir private static Path logs;
  private static S3Server server;

  @TempDir private Path work;

  @BeforeAll
  static void startServer() throws IOException, InterruptedException {
    server = S3Server.start(logs);
  }

  @BeforeEach
  void emptyBucket() throws IOException {
    S3Files.connect(server);
    S3Files.deleteBelow(BUCKET + "/");
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void continuesFromASavepointOfEachVersion(int version) throws Exception {
    Path stored = STORED.resolve(Integer.toString(version));
    S3Files.upload(stored.resolve("images"), BUCKET + "/images");
    S3Files.upload(stored.resolve("run"), BUCKET + "/run");
    RunOutput recorded = new RunOutput(stored.resolve("undisturbed"));
    long before = new RunOutput(stored.resolve("run")).lastStep();
    assertThat(before).isBetween(1L, STEPS - COMPARED - 1L);

    CommandResult result = InThisProcess.run(S3Server.withCredentials(pretrain(stored))).orFail();
    S3Files.connect(server);

    assertThat(result.output())
        .contains("continuing from " + BUCKET + "/run/savepoints/" + savepoint(stored));
    S3Files.download(BUCKET + "/run", work.resolve("run"));
    RunOutput continued = new RunOutput(work.resolve("run"));
    assertThat(steps(continued))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, STEPS).boxed().toList());
    assertThat(continued.rejected()).isEqualTo(recorded.rejected()).hasSize(1);
    assertThat(continued.model()).isNotEmptyFile();
    for (int step = (int) before; step < before + COMPARED; step++) {
      double loss = recorded.metrics().get(step).path("loss").asDouble();
      assertThat(continued.metrics().get(step).path("loss").asDouble())
          .as("loss of step %d", step + 1)
          .isCloseTo(loss, within(RELATIVE * loss));
    }
  }

  /** The name of the only one of a version. */
  private static String savepoint(Path stored) throws IOException {
    try (Stream<Path> savepoints = Files.list(stored.resolve("run/savepoints"))) {
      List<Path> all = savepoints.toList();
      assertThat(all).hasSize(1);
      return all.get(0).getFileName().toString();
    }
  }

  /** Writes what the next version of the formats is tested with: {@code -Drecord.savepoint=6}. */
  @Test
  @EnabledIfSystemProperty(named = "record.savepoint", matches = "\\d+")
  void recordsASavepoint() throws Exception {
    Path stored = STORED.resolve(System.getProperty("record.savepoint"));
    assertThat(stored).doesNotExist();
    Photographs.draw(stored.resolve("images"), 12);
    Files.writeString(stored.resolve("images/no-image.jpg"), "This is not a JPEG.");
    Files.writeString(
        stored.resolve("config.yaml"),
        """
        seed: 7
        image:
          size: 32
        mask:
          patch-size: 8
        encoder:
          patch-size: 4
          embed-dim: 24
          depth: 2
          num-heads: 3
        schedule:
          base-learning-rate: 5.0e-1
          warmup-epochs: 2
        training:
          epochs: 120
          micro-batch: 2
          accumulation: 2
          chunk-images: 2
          threads: 1
        checkpoint:
          interval: 300ms
        """);
    S3Files.upload(stored.resolve("images"), BUCKET + "/images");
    CommandLine simmim = new CommandLine("record", S3Server.environment());
    try (ChildProcess process = simmim.start(pretrain(stored))) {
      Awaitility.await("a checkpoint")
          .atMost(Duration.ofMinutes(4))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> S3Files.holds(BUCKET + "/run/checkpoints", "_metadata"));
      process.terminate();
      process.await(Duration.ofMinutes(3));
    }
    keep(
        stored.resolve("run"),
        "stopped",
        "catalog",
        "config.resolved.yaml",
        "metrics.jsonl",
        "rejected.jsonl",
        "run.json",
        "savepoints");
    simmim.run(pretrain(stored)).orFail();
    keep(stored.resolve("undisturbed"), "finished", "metrics.jsonl", "rejected.jsonl");
  }

  /** Some of what the output holds now. */
  private void keep(Path target, String name, String... names) throws IOException {
    Path run = work.resolve(name);
    S3Files.download(BUCKET + "/run", run);
    for (String kept : names) {
      try (Stream<Path> files = Files.walk(run.resolve(kept))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Path copy = target.resolve(run.relativize(file).toString());
          Files.createDirectories(copy.getParent());
          Files.copy(file, copy);
        }
      }
    }
  }

  private static List<Long> steps(RunOutput output) throws IOException {
    return output.metrics().stream().map(line -> line.path("step").asLong()).toList();
  }

  private List<String> pretrain(Path stored) {
    return List.of(
        "pretrain",
        "--input",
        BUCKET + "/images",
        "--output",
        BUCKET + "/run",
        "--config",
        stored.resolve("config.yaml").toAbsolutePath().toString(),
        "--set",
        "flink.s3.endpoint=" + server.endpoint(),
        "--set",
        "flink.s3.path.style.access=true");
  }
}

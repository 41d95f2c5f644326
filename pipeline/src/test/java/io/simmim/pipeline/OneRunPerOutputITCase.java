package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.command.CommandLine;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.files.GatedFiles;
import io.simmim.pipeline.output.RunOutput;
import io.simmim.pipeline.s3.S3Files;
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

/** Two runs in processes of their own that are given one output. */
@Timeout(900)
class OneRunPerOutputITCase {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final String OUTPUT = "s3://" + S3Server.BUCKET + "/run";

  @TempDir static Path work;
  private static S3Server server;
  private static Workload workload;
  private static CommandLine simmim;

  @BeforeAll
  static void startServer() throws IOException, InterruptedException {
    workload = Workload.prepare(work, 40).gated();
    workload.waitAfter(2); // in each process: the last one continues, and is ended
    server = S3Server.start(work.resolve("server"));
    simmim = new CommandLine("one-run", GatedFiles.environment(S3Server.environment()));
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void onObjectStorageTheSecondIsRefusedUnlessItTakesTheOutputOver() throws Exception {
    S3Files.connect(server);
    List<String> command =
        pretrain(
            OUTPUT,
            "--set",
            "flink.s3.endpoint=" + server.endpoint(),
            "--set",
            "flink.s3.path.style.access=true");
    refusesAndTakesOver(command, OUTPUT, () -> S3Files.holds(OUTPUT + "/checkpoints", "_metadata"));
    S3Files.connect(server);
    S3Files.download(OUTPUT + "/metrics.jsonl", work.resolve("downloaded/metrics.jsonl"));
    new RunOutput(work.resolve("downloaded")).assertEachStepOnce();
    assertThat(S3Files.read(OUTPUT, "run.lock")).contains("\"free\":true");
  }

  @Test
  void onALocalDiskTheSecondIsRefusedUnlessItTakesTheOutputOver() throws Exception {
    Path output = work.resolve("local");
    refusesAndTakesOver(
        pretrain(output.toString()),
        output.toString(),
        () -> new RunOutput(output).lastStep() > Workload.STEPS_PER_EPOCH);
    new RunOutput(output).assertEachStepOnce();
    assertThat(output.resolve("run.lock")).content().contains("\"free\":true");
  }

  /** Something that is awaited. */
  private interface Condition {
    boolean isMet() throws IOException, InterruptedException;
  }

  private static void refusesAndTakesOver(List<String> command, String output, Condition underWay)
      throws Exception {
    try (ChildProcess first = simmim.start(command)) {
      await(() -> !first.isAlive() || underWay.isMet());
      assertThat(first.isAlive()).as(first::errors).isTrue();

      CommandResult second = InThisProcess.run(S3Server.withCredentials(command));

      assertThat(second.exitCode()).as(second.toString()).isEqualTo(2);
      assertThat(second.errors().lines().toList()).hasSize(1);
      assertThat(second.errors())
          .contains("another run is writing to the output " + output, "process ", "--force");
      assertThat(first.isAlive()).as(first::errors).isTrue();

      List<String> forced = new ArrayList<>(command);
      forced.add("--force");
      try (ChildProcess third = simmim.start(forced)) {
        CommandResult ended = first.await(LIMIT);
        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(1);
        assertThat(ended.errors().lines().toList()).as(ended.toString()).hasSize(1);
        assertThat(ended.errors()).contains("was taken over by process ");

        await(() -> !third.isAlive() || third.output().contains("step "));
        assertThat(third.output()).contains("continuing from");
        third.terminate();
        assertThat(third.await(LIMIT).output()).contains("saved in " + output);
      }
    }
  }

  private static void await(Condition condition) {
    Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(100)).until(condition::isMet);
  }

  private static List<String> pretrain(String output, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "pretrain",
                "--input",
                workload.input(),
                "--output",
                output,
                "--config",
                workload.config().toString()));
    arguments.addAll(List.of(more));
    return arguments;
  }
}

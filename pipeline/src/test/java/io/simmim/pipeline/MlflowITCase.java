package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.command.CommandLine;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.files.GatedFiles;
import io.simmim.pipeline.mlflow.TrackingServer;
import io.simmim.pipeline.output.RunOutput;
import io.simmim.pipeline.output.ToldRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * MLflow is told each step once, whatever happened to the run or to the server meanwhile; on a
 * cluster, see {@link WatchingITCase}.
 */
@Timeout(600)
class MlflowITCase {
  private static final int EPOCHS = 12;
  private static final long STEPS = 24;
  private static final Duration RUN_LIMIT = Duration.ofMinutes(4);

  @TempDir static Path work;
  private static Workload workload;
  @RegisterExtension private final TrackingServer server = new TrackingServer();

  @BeforeAll
  static void drawImages() throws IOException {
    workload = Workload.prepare(work, EPOCHS).gated();
  }

  /** A test that failed must not make the next one wait. */
  @AfterEach
  void openGate() throws IOException {
    workload.gate().open();
  }

  private List<String> told(RunOutput output, String... more) {
    List<String> arguments = new ArrayList<>(workload.pretrain(output));
    List<String> assignments =
        new ArrayList<>(
            List.of(
                "eval.every-epochs=2",
                "eval.rank-images=32",
                "mlflow.tracking-uri=" + server.address(),
                "mlflow.experiment=trials"));
    assignments.addAll(List.of(more));
    for (String assignment : assignments) {
      arguments.add("--set");
      arguments.add(assignment);
    }
    return arguments;
  }

  @Test
  void eachStepIsToldOnceWhenTheProcessWasKilledAndTheServerWasAway() throws Exception {
    RunOutput output = new RunOutput(work.resolve("killed"));
    CommandLine simmim = new CommandLine("mlflow-killed", GatedFiles.environment());
    workload.waitAfter(2);
    try (ChildProcess process = simmim.start(told(output))) {
      awaitTold(2);
      server.goAway();
      long toldBefore = ToldRun.lastStep(server);
      workload.waitAgainAfter(4);
      Awaitility.await("steps that nobody is told of")
          .atMost(RUN_LIMIT)
          .until(() -> output.lastStep() > toldBefore + 2);
      process.kill();
    }
    assertThat(output.lastStep()).isLessThan(STEPS);

    try (ChildProcess process = simmim.start(told(output))) {
      Awaitility.await("a server that is away")
          .atMost(RUN_LIMIT)
          .until(() -> process.output().contains("cannot be told of the run: no connection"));
      server.comeBack();
      workload.gate().open();
      process.await(RUN_LIMIT).orFail();
    }

    assertWholeIsTold(output);
  }

  @Test
  void aServerThatWasAwayAtTheEndIsToldByTheSameCommandAndOnlyOnce() throws Exception {
    RunOutput output = new RunOutput(work.resolve("late"));
    server.goAway();
    List<String> arguments = told(output, "training.epochs=5");
    assertThat(
            new CommandLine("mlflow-late", GatedFiles.environment())
                .run(arguments)
                .orFail()
                .output())
        .contains("MLflow at %s was not told all of the run".formatted(server.address()))
        .contains("trained all 10 steps");
    server.comeBack();

    assertThat(InThisProcess.run(arguments).orFail().output())
        .contains("told MLflow of the run: " + server.address());
    assertThat(InThisProcess.run(arguments).orFail().output())
        .contains("already complete")
        .doesNotContain("MLflow");

    assertThat(server.runs().get(0).status()).isEqualTo("FINISHED");
    assertThat(server.runs().get(0).steps("train/loss"))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 10).boxed().toList());
  }

  /** Losses that are no numbers end a run. */
  @Test
  void aRunThatFailsIsToldToHaveFailed() throws IOException {
    RunOutput output = new RunOutput(work.resolve("failed"));

    assertThat(
            InThisProcess.run(
                    told(
                        output,
                        "schedule.type=constant",
                        "schedule.warmup-epochs=0",
                        "optimizer.weight-decay=60000", // parameters grow by 9 in each step
                        "checkpoint.interval=100ms"))
                .exitCode())
        .isNotZero();

    assertThat(server.runs()).hasSize(1);
    assertThat(server.runs().get(0).status()).isEqualTo("FAILED");
  }

  /** The process may end before its main thread does anything more. */
  @Test
  void aRunThatItsUserStopsIsToldToBeKilledAndGoesOn() throws Exception {
    RunOutput output = new RunOutput(work.resolve("stopped"));
    CommandLine simmim = new CommandLine("mlflow-stopped", GatedFiles.environment());
    workload.waitAfter(2);
    try (ChildProcess process = simmim.start(told(output))) {
      awaitTold(2);
      process.terminate();
      process.await(RUN_LIMIT);
    }
    workload.gate().open();
    assertThat(output.lastStep()).isLessThan(STEPS);
    assertThat(server.runs().get(0).status()).isEqualTo("KILLED");

    InThisProcess.run(told(output)).orFail();

    assertWholeIsTold(output);
  }

  private void awaitTold(long step) {
    Awaitility.await("step " + step + " told")
        .atMost(RUN_LIMIT)
        .until(() -> ToldRun.lastStep(server) >= step);
  }

  private void assertWholeIsTold(RunOutput output) throws IOException {
    ToldRun.assertWhole(server, output, STEPS);
  }
}

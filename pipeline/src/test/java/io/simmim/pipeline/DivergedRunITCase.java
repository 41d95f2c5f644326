package io.simmim.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.command.Workload;
import io.simmim.pipeline.output.RunOutput;
import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.pipeline.run.folder.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run whose loss is no number any more ends, and can be looked at. */
@Timeout(240)
class DivergedRunITCase {
  /** Parameters grow by 9 in each step; after some 20 steps they are no numbers. */
  private static final String GROWTH = "optimizer.weight-decay=60000";

  private static final int EPOCHS = 14;

  @TempDir static Path work;
  private static Workload workload;
  private static RunOutput undisturbed;

  @BeforeAll
  static void trainUndisturbed() throws IOException {
    workload = Workload.prepare(work, EPOCHS).gated();
    undisturbed = new RunOutput(work.resolve("undisturbed"));
    InThisProcess.run(workload.pretrain(undisturbed)).orFail();
  }

  @Test
  void namesTheCheckpointToGoBackTo() throws Exception {
    RunOutput output = new RunOutput(work.resolve("diverged"));

    CommandResult result = diverge(output);

    assertThat(result.exitCode()).isNotZero();
    assertThat(result.errors()).contains("training diverged: the ", "show OUTPUT --step ");
    assertThat(result.output())
        .containsPattern("the newest checkpoint before it is .*/diverged/checkpoints/.*/chk-[0-9]");
    replaysWhatLedThere(output);
    refusesToContinueAnotherModelAndNamesTheDifferingKeys(output);
  }

  /** From checkpoints in the middle of a step, too, and past images that were rejected. */
  private void replaysWhatLedThere(RunOutput output) throws IOException {
    long last = output.lastStep();
    assertThat(show(output, last, "--replay").orFail().output())
        .containsPattern("replaying [0-9]+ steps? from checkpoint chk-[0-9]+ ")
        .containsPattern("replayed loss .*, run's .*: the same to the last bit")
        .contains("losses of the weights of step %d, replayed from".formatted(last));
    assertThat(show(output, last + 1, "--replay").orFail().output())
        .containsPattern("replayed: training diverged: the .* of step %d ".formatted(last + 1))
        .contains("as the run ended");
    assertThat(show(output, last + 2, "--replay").errors())
        .contains(
            "step %d cannot be replayed: the run has not come to it (allowed: 1 to %d, "
                .formatted(last + 2, last + 1));

    RestorePoint newest =
        RestorePoint.all(RunFolder.open(output.path().toString())).stream().findFirst().get();
    String point = newest.path().getPath();
    long steps = newest.steps();
    assertThat(show(output, steps, "--from", point).errors())
        .contains(
            "--from must be a checkpoint before step %d: %s is after step %d"
                .formatted(steps, point, steps));
    assertThat(show(undisturbed, steps + 1, "--from", point).errors())
        .contains(
            "configuration differs from the checkpoint: optimizer.weight-decay: 60000.0 in the checkpoint");
  }

  private CommandResult show(RunOutput output, long step, String... more) {
    List<String> arguments = new ArrayList<>(List.of("show", output.path().toString()));
    arguments.addAll(List.of("--step", Long.toString(step), "--images", "1"));
    arguments.addAll(List.of("--to", work.resolve("step.png").toString()));
    arguments.addAll(List.of(more));
    return InThisProcess.run(arguments);
  }

  /** Until it is told not to continue. */
  private static void refusesToContinueAnotherModelAndNamesTheDifferingKeys(RunOutput output)
      throws IOException {
    long last = output.lastStep();

    CommandResult result =
        InThisProcess.run(
            workload.pretrain(
                output, "--set", "encoder.depth=3", "--set", "optimizer.weight-decay=0.1"));

    assertThat(result.exitCode()).isNotZero();
    assertThat(result.errors().lines().toList()).hasSize(1);
    assertThat(result.errors())
        .contains("encoder.depth")
        .contains("optimizer.weight-decay")
        .doesNotContain("checkpoint.interval");
    assertThat(output.lastStep()).as("untouched").isEqualTo(last);

    List<String> other =
        workload.pretrain(
            output,
            "--resume",
            "none",
            "--set",
            "encoder.depth=3",
            "--set",
            "training.epochs=1",
            "--set",
            "schedule.warmup-epochs=0");
    InThisProcess.run(other).orFail();
    assertThat(output.lastStep()).isEqualTo(Workload.STEPS_PER_EPOCH);
  }

  /** After a step of which there is a checkpoint. */
  private static CommandResult diverge(RunOutput output) throws Exception {
    List<String> command = workload.pretrain(output, "--set", GROWTH);
    for (String setting :
        List.of(
            "schedule.type=constant",
            "schedule.warmup-epochs=0",
            "checkpoint.interval=100ms",
            "checkpoint.retained=100")) { // else only those of the last step may be left
      command.addAll(List.of("--set", setting));
    }
    workload.waitAfter(1);
    CompletableFuture<CommandResult> run =
        CompletableFuture.supplyAsync(
            () -> InThisProcess.run(command), task -> new Thread(task).start());
    Awaitility.await("a checkpoint after a step")
        .atMost(Duration.ofMinutes(2))
        .until(() -> run.isDone() || output.lastCheckpointStep() > 0);
    workload.gate().open();
    return run.get();
  }
}

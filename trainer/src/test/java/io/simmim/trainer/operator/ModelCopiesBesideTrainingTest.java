package io.simmim.trainer.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.evaluation.ModelCopy;
import io.simmim.schemas.evaluation.ModelCopy.Stage;
import io.simmim.trainer.export.CopySchedule;
import io.simmim.trainer.histogram.HistogramSchedule;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Four steps in two epochs; a picture of every second step is wanted. */
@Timeout(60)
class ModelCopiesBesideTrainingTest {
  private static final ModelCopy SECOND = new ModelCopy(2, 0, true, false, Stage.DUE);
  private static final ModelCopy FOURTH = new ModelCopy(4, 1, true, false, Stage.DUE);

  @TempDir Path output;
  private final FakeLearner.Control control = new FakeLearner.Control();

  @AfterEach
  void freesEverything() {
    assertThat(control.openSnapshots).hasValue(0);
    assertThat(control.openModels).hasValue(0);
  }

  private TrainingOperatorConfig config() {
    return TestRuns.watched(output, new CopySchedule(2, 0), HistogramSchedule.NEVER);
  }

  private Path weights(long step) {
    return output.resolve("beside/step-%d/model.safetensors".formatted(step));
  }

  @Test
  void tellsOfACopyWhenItsStepIsDoneAndWhenItIsWritten() throws Exception {
    try (OperatorRun run = OperatorRun.start(config(), control.models())) {
      run.finishFrom(0);

      assertThat(run.copies())
          .hasSize(4)
          .containsSubsequence(SECOND, FOURTH, FOURTH.at(Stage.WRITTEN))
          .containsSubsequence(SECOND, SECOND.at(Stage.WRITTEN), FOURTH.at(Stage.WRITTEN));
    }
    assertThat(weights(4))
        .hasSameBinaryContentAs(output.resolve("model/model.safetensors"))
        .satisfies(path -> assertThat(Files.mismatch(path, weights(2))).isNotNegative());
  }

  /**
   * Else whoever goes on from the checkpoint would know nothing of a step that is not taken again.
   */
  @Test
  void tellsOfItBeforeTheCheckpointBehindItsStep() throws Exception {
    OperatorSubtaskState state;
    try (OperatorRun run = OperatorRun.start(config(), control.models())) {
      run.feed(
          TestRuns.chunks(0, 18)); // of nine micro-batches at least two steps of three are done
      state = run.checkpoint(1);

      assertThat(run.copies()).startsWith(SECOND);
      assertThat(weights(2)).exists();
    }
    try (OperatorRun run = OperatorRun.resume(config(), control.models(), state)) {
      run.finishFrom(18);

      assertThat(run.copies()).containsExactly(FOURTH, FOURTH.at(Stage.WRITTEN));
    }
    assertThat(weights(2)).exists();
  }

  @Test
  void goesOnWithoutACopyThatCannotBeWritten() throws Exception {
    Files.writeString(output.resolve("beside"), "no folder");
    try (OperatorRun run = OperatorRun.start(config(), control.models())) {
      run.finishFrom(0);

      assertThat(run.copies())
          .containsExactlyInAnyOrder(
              SECOND, SECOND.at(Stage.FAILED), FOURTH, FOURTH.at(Stage.FAILED));
    }
    assertThat(output.resolve("model/model.safetensors")).exists();
  }

  @Test
  void beginsWithoutCopiesOfStepsThatAreTakenAgain() throws Exception {
    Files.createDirectories(weights(3).getParent());
    try (OperatorRun run = OperatorRun.start(config(), control.models())) {
      assertThat(weights(3).getParent()).doesNotExist();
      assertThat(run.copies()).isEmpty();
    }
  }

  @Test
  void makesNoneUnlessAsked() throws Exception {
    try (OperatorRun run = OperatorRun.start(TestRuns.config(output), control.models())) {
      run.finishFrom(0);

      assertThat(run.copies()).isEmpty();
    }
    assertThat(output.resolve("beside")).doesNotExist();
  }
}

package io.simmim.trainer.operator;

import static io.simmim.trainer.operator.TestRuns.chunks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.simmim.schemas.checkpoint.CheckpointCost;
import io.simmim.schemas.checkpoint.CheckpointCost.Written;
import io.simmim.schemas.checkpoint.Reached;
import io.simmim.trainer.operator.upload.CheckpointLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the trainer tells of its checkpoints. */
@Timeout(60)
class CheckpointCostTest extends TrainingCheckpointCase {
  @Test
  void tellsWhatACheckpointTookWhenItIsComplete() throws Exception {
    try (OperatorRun run = OperatorRun.start(config("out"), control.models())) {
      run.feed(chunks(0, 6));
      await().until(() -> control.accumulated.get() == 3);
      OperatorSubtaskState state = run.checkpoint(4);
      assertThat(run.checkpoints()).isEmpty();

      run.harness.notifyOfCompletedCheckpoint(4);
      run.harness.notifyOfCompletedCheckpoint(4);

      assertThat(run.checkpoints()).hasSize(1);
      CheckpointCost cost = run.checkpoints().get(0);
      assertThat(cost.checkpoint()).isEqualTo(4);
      assertThat(cost.savepoint()).isFalse();
      assertThat(cost.step()).isEqualTo(1);
      assertThat(cost.epochMillis()).isEqualTo(4); // as the harness says
      assertThat(cost.stall()).isPositive();
      Written written = cost.written().orElseThrow();
      assertThat(written.bytes()).isEqualTo(state.getStateSize()).isPositive();
      assertThat(written.upload()).isPositive();
      assertThat(written.complete()).isGreaterThan(written.upload());
    }
  }

  /** The clock of the machine that began it is an hour ahead. */
  @Test
  void aCheckpointTakesNoLessThanItsUploadWhateverTheClocksSay() throws Exception {
    try (OperatorRun run = OperatorRun.start(config("out"), control.models())) {
      run.feed(chunks(0, 4));
      run.checkpoint(1, System.currentTimeMillis() + 3_600_000);

      run.harness.notifyOfCompletedCheckpoint(1);

      Written written = run.checkpoints().get(0).written().orElseThrow();
      assertThat(written.complete()).isGreaterThan(written.upload());
    }
  }

  @Test
  void tellsNothingOfACheckpointThatWasGivenUp() throws Exception {
    try (OperatorRun run = OperatorRun.start(config("out"), control.models())) {
      run.feed(chunks(0, 4));
      run.checkpointWithoutUpload(1);
      run.harness.getOperator().notifyCheckpointAborted(1);
      run.checkpoint(2);

      run.harness.notifyOfCompletedCheckpoint(1);
      run.harness.notifyOfCompletedCheckpoint(2);

      assertThat(run.checkpoints()).extracting(CheckpointCost::checkpoint).containsExactly(2L);
    }
  }

  /** The process may have ended before it could. */
  @Test
  void tellsWhatIsKnownOfTheCheckpointThatItGoesOnFrom() throws Exception {
    OperatorSubtaskState state;
    CheckpointCost told;
    try (OperatorRun run = OperatorRun.start(config("out"), control.models())) {
      run.feed(chunks(0, 6));
      await().until(() -> control.accumulated.get() == 3);
      state = run.checkpoint(7);
      run.harness.notifyOfCompletedCheckpoint(7);
      told = run.checkpoints().get(0);
    }

    try (OperatorRun run = OperatorRun.resume(config("out"), control.models(), state)) {
      run.runMails();

      assertThat(run.checkpoints()).hasSize(1);
      CheckpointCost restored = run.checkpoints().get(0);
      assertThat(restored.written()).isEmpty();
      assertThat(restored.after(Optional.empty()).with(told.written().orElseThrow()))
          .isEqualTo(told);
      run.checkpoint(8);
      run.harness.notifyOfCompletedCheckpoint(8);
      assertThat(run.checkpoints()).extracting(CheckpointCost::checkpoint).containsExactly(7L, 8L);
    }
  }

  /** Of steps behind the checkpoint nobody else tells. */
  @Test
  void tellsHowFarTheRunHadBeenThatItGoesOnFrom() throws Exception {
    OperatorSubtaskState state;
    Path note = folder.resolve("out/progress.json");
    try (OperatorRun run = OperatorRun.start(config("out"), control.models())) {
      state = run.checkpoint(7);
      run.feed(chunks(0, 18)); // nine micro-batches, three steps
      await().untilAsserted(() -> assertThat(Files.readString(note)).startsWith("{\"step\":3,"));
    }
    try (OperatorRun run = OperatorRun.resume(config("out"), control.models(), state)) {
      run.runMails();

      CheckpointCost restored = run.checkpoints().get(0);
      assertThat(restored.step()).isZero();
      assertThat(restored.before()).map(Reached::step).hasValue(3L);
    }
  }

  /** Those that follow are told that nothing more comes. */
  @Test
  void addsTheLineOfTheCheckpointWithWhichTheRunEnds() throws Exception {
    List<List<CheckpointCost>> added = new ArrayList<>();
    try (OperatorRun run = OperatorRun.start(config("out"), control.models(), added::add)) {
      run.finishFrom(0);
      OperatorSubtaskState state = run.checkpoint(1);
      assertThat(added).isEmpty();

      run.harness.notifyOfCompletedCheckpoint(1);

      assertThat(run.checkpoints()).isEmpty();
      assertThat(added).hasSize(1);
      CheckpointCost last = added.get(0).get(0);
      assertThat(added.get(0)).containsExactly(last);
      assertThat(last.step()).isEqualTo(config("out").plan().totalSteps());
      assertThat(last.written().orElseThrow().bytes()).isEqualTo(state.getStateSize());
    }
  }

  /** Others may not have written all of theirs when it completes. */
  @Test
  void keepsWhatWasBegunBeforeTheEndUntilEverybodyIsAtTheEnd() throws Exception {
    List<List<CheckpointCost>> added = new ArrayList<>();
    try (OperatorRun run = OperatorRun.start(config("out"), control.models(), added::add)) {
      run.checkpoint(1);
      run.checkpoint(2);
      run.harness.notifyOfCompletedCheckpoint(1);
      run.finishFrom(0);
      run.harness.notifyOfCompletedCheckpoint(2);
      assertThat(added).isEmpty();

      run.checkpoint(3);
      run.harness.notifyOfCompletedCheckpoint(3);

      assertThat(run.checkpoints()).extracting(CheckpointCost::checkpoint).containsExactly(1L);
      assertThat(added).hasSize(1);
      assertThat(added.get(0)).extracting(CheckpointCost::checkpoint).containsExactly(2L, 3L);
    }
  }

  @Test
  void endsAlsoWhereTheLastLineCannotBeWritten() throws Exception {
    CheckpointLines full =
        costs -> {
          throw new IOException("No space left on device");
        };
    try (OperatorRun run = OperatorRun.start(config("out"), control.models(), full)) {
      run.finishFrom(0);
      run.checkpoint(1);

      assertThatCode(() -> run.harness.notifyOfCompletedCheckpoint(1)).doesNotThrowAnyException();
    }
  }
}

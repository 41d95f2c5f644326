package io.simmim.trainer.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.UserError;
import java.util.Arrays;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TrainingCheckpointRefusalTest extends TrainingCheckpointCase {
  @Test
  void refusesAnotherConfigurationAndListsTheDifferences() throws Exception {
    OperatorSubtaskState state = stateAfter(6);
    TrainingOperatorConfig base = config("out");
    TrainingOperatorConfig other =
        new TrainingOperatorConfig(
            base.trainer(),
            base.initial(),
            base.plan(),
            base.schedule(),
            0,
            base.output(),
            base.export(),
            base.copies(),
            base.histograms(),
            base.rejectionLimit(),
            base.windowChunks(),
            new ConfigurationIdentity(Map.of("encoder.depth", "6", "precision", "bf16"), Map.of()));

    assertThatThrownBy(() -> OperatorRun.resume(other, control.models(), state))
        .isInstanceOf(SuppressRestartsException.class)
        .hasCauseInstanceOf(UserError.class)
        .cause()
        .hasMessage(
            "model or optimizer configuration differs from the checkpoint: "
                + "encoder.depth: 2 in the checkpoint, 6 now; "
                + "precision: not in the checkpoint, bf16 now; seed: 7 in the checkpoint, none now");
  }

  @Test
  void refusesBatchesThatAreCutInAnotherWay() throws Exception {
    OperatorSubtaskState state = stateAfter(8);
    TrainingOperatorConfig base = config("out");
    TrainingOperatorConfig other =
        TestRuns.config(
            folder.resolve("out"), new BatchPlan(26, 2, 4, 2, 1), 0, base.rejectionLimit());

    assertThatThrownBy(() -> OperatorRun.resume(other, control.models(), state))
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .isInstanceOf(UserError.class)
        .hasMessageMatching(
            "batches are cut in another way than in the checkpoint: its step \\d, micro-batch \\d, "
                + "chunk \\d would now be step \\d, micro-batch \\d, chunk \\d+");
  }

  @Test
  void saysThatADamagedStateIsDamagedWhereverItIs() throws Exception {
    OperatorStreamStateHandle intact = handle(stateAfter(6));
    byte[] data = ((ByteStreamStateHandle) intact.getDelegateStateHandle()).getData();
    long[] offsets = intact.getStateNameToPartitionOffsets().get("training").getOffsets();
    int refused = 0;
    int flips = 0;
    for (int at = (int) offsets[0]; at < data.length; at += 199, flips++) {
      byte[] flipped = data.clone();
      flipped[at] ^= 4;
      Throwable failure = catchThrowable(() -> resume(damaged(intact, flipped)));
      if (failure
          != null) { // Flink does not look at the checksums of its compression; ours are in it
        refused++;
        assertThat(failure)
            .as("byte %d of %d", at, data.length)
            .isInstanceOf(SuppressRestartsException.class)
            .cause()
            .isInstanceOf(UserError.class)
            .hasMessageStartingWith("the training state of the checkpoint is damaged: ")
            .hasMessageEndingWith("; choose another checkpoint with --resume PATH");
      }
    }
    assertThat(refused).isGreaterThan(flips * 9 / 10);
  }

  @Test
  void saysThatATruncatedStateIsDamaged() throws Exception {
    OperatorStreamStateHandle intact = handle(stateAfter(6));
    byte[] data = ((ByteStreamStateHandle) intact.getDelegateStateHandle()).getData();
    byte[] shorter = Arrays.copyOf(data, data.length - 10);

    assertThatThrownBy(() -> resume(damaged(intact, shorter)))
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the training state of the checkpoint is damaged: it ends in the middle of an element;"
                + " choose another checkpoint with --resume PATH");
  }
}

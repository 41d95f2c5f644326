package io.simmim.trainer.operator;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.trainer.loop.CapturedTraining;
import io.simmim.trainer.loop.TrainingProgress;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.operator.StateElement.Header;
import io.simmim.trainer.operator.StateElement.PendingChunk;
import io.simmim.trainer.operator.StateElement.PieceBytes;
import io.simmim.trainer.operator.StateElement.RejectedIds;
import io.simmim.trainer.operator.StateElement.TensorPiece;
import io.simmim.trainer.state.StateSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Cuts a captured state into the elements of a checkpoint, and checks a restored one. */
final class CheckpointState {
  private final BatchPlan plan;
  private final ConfigurationIdentity identity;

  CheckpointState(TrainingOperatorConfig config) {
    this.plan = config.plan();
    this.identity = config.identity();
  }

  /**
   * The elements of a checkpoint; their tensors stay on the device until they are serialized.
   *
   * @param pending chunks that came and are not part of the captured state
   */
  List<StateElement> elements(CapturedTraining captured, List<TensorChunk> pending) {
    long snapshot = ThreadLocalRandom.current().nextLong();
    TrainingProgress progress = captured.progress();
    List<TensorSpec> tensors = captured.tensors().tensors();
    List<StateElement> elements = new ArrayList<>();
    elements.add(
        new Header(
            snapshot,
            identity,
            captured.platform(),
            progress,
            progress.steps(plan),
            progress.microBatchOfStep(plan),
            progress.nextChunk(plan),
            captured.rejectedIds().length,
            captured.firstRejected(),
            pending.size(),
            tensors));
    long[] ids = captured.rejectedIds();
    for (int from = 0; from < ids.length; from += StateElement.PIECE_IDS) {
      int to = Math.min(ids.length, from + StateElement.PIECE_IDS);
      elements.add(new RejectedIds(snapshot, Arrays.copyOfRange(ids, from, to)));
    }
    for (int i = 0; i < tensors.size(); i++) {
      addPieces(snapshot, i, captured.tensors(), elements);
    }
    pending.forEach(chunk -> elements.add(new PendingChunk(snapshot, chunk)));
    return elements;
  }

  private static void addPieces(
      long snapshot, int tensor, StateSnapshot source, List<StateElement> elements) {
    TensorSpec spec = source.tensors().get(tensor);
    for (long at = 0; at < spec.bytes(); at += StateElement.PIECE_BYTES) {
      int length = (int) Math.min(StateElement.PIECE_BYTES, spec.bytes() - at);
      PieceBytes bytes = new SnapshotBytes(source, tensor, at);
      elements.add(new TensorPiece(snapshot, spec.name(), at, length, bytes));
    }
  }

  /** Values that are still on the device. */
  private record SnapshotBytes(StateSnapshot source, int tensor, long start) implements PieceBytes {
    @Override
    public void read(int offset, ByteBuffer into) throws IOException {
      source.read(tensor, start + offset, into);
    }

    @Override
    public void free() {} // the snapshot is freed as a whole
  }

  /**
   * Checks that this run may go on from a state.
   *
   * @throws UserError that names what differs
   */
  void requireContinuable(Header header) {
    identity.requireSameAs(header.identity());
    TrainingProgress progress = header.progress();
    // A damaged one may disagree with itself, and say more than can be counted in chunks.
    long steps = Math.max(header.steps(), progress.steps(plan));
    if (steps > plan.totalSteps()) {
      throw new UserError(
          "the checkpoint is at step %d; this run ends at step %d"
              .formatted(steps, plan.totalSteps()));
    }
    if (progress.steps(plan) != header.steps()
        || progress.microBatchOfStep(plan) != header.microBatchOfStep()
        || progress.nextChunk(plan) != header.nextChunk()) {
      throw new UserError(
          ("batches are cut in another way than in the checkpoint: its step %d, micro-batch %d,"
                  + " chunk %d would now be step %d, micro-batch %d, chunk %d")
              .formatted(
                  header.steps(),
                  header.microBatchOfStep(),
                  header.nextChunk(),
                  progress.steps(plan),
                  progress.microBatchOfStep(plan),
                  progress.nextChunk(plan)));
    }
  }
}

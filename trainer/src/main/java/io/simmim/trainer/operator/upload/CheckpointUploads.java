package io.simmim.trainer.operator.upload;

import io.simmim.schemas.checkpoint.CheckpointCost;
import io.simmim.schemas.checkpoint.CheckpointCost.Written;
import io.simmim.schemas.checkpoint.CheckpointCostSerializer;
import io.simmim.trainer.loop.CapturedTraining;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFutures;

/**
 * The checkpoints that were copied and are being written, and what each of them took. Belongs to
 * the task thread.
 *
 * <p>What a checkpoint took is told once, when Flink says that it is complete. The process may end
 * before; so each checkpoint holds what is known of itself when it is begun, and whoever goes on
 * from it finds that.
 */
public final class CheckpointUploads implements AutoCloseable {
  private static final String STATE_NAME = "checkpoint-cost";

  private final FullDisk disk;
  private final TreeMap<Long, CheckpointUpload> uploads = new TreeMap<>();
  private ListState<CheckpointCost> state;
  private CheckpointCost restored;
  private CheckpointCost begun;

  /**
   * @param output folder of the run
   */
  public CheckpointUploads(String output) {
    this.disk = new FullDisk(output);
  }

  /** Looks into the checkpoint that the operator goes on from, if there is one. */
  public void initialize(StateInitializationContext context) throws Exception {
    state =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>(STATE_NAME, CheckpointCostSerializer.INSTANCE));
    List<CheckpointCost> found = new ArrayList<>();
    state.get().forEach(found::add);
    state.clear();
    restored = found.isEmpty() ? null : found.get(0);
  }

  /** What is known of the checkpoint that the operator went on from; nothing of earlier builds. */
  public Optional<CheckpointCost> restored() {
    return Optional.ofNullable(restored);
  }

  /**
   * Whether to go on writing checkpoints.
   *
   * @throws org.apache.flink.runtime.execution.SuppressRestartsException if there has been no room
   *     for too long
   */
  public void requireBearable() {
    disk.requireBearable();
  }

  /**
   * Puts what is known of a checkpoint into it.
   *
   * @param captured its number, and how long training waited for the copy
   * @param step complete steps
   * @param epochMillis when Flink began it
   */
  public void begin(CapturedTraining captured, long step, long epochMillis, boolean savepoint)
      throws Exception {
    begun =
        new CheckpointCost(
            captured.checkpointId(),
            savepoint,
            step,
            epochMillis,
            Duration.ofNanos(captured.copyNanos()),
            Optional.empty(),
            Optional.empty());
    state.update(List.of(begun));
  }

  /**
   * Takes over the copied state: its memory is freed when it is written, or is not going to be.
   *
   * @param futures of the operator's state
   */
  public void upload(OperatorSnapshotFutures futures, CapturedTraining captured) {
    CheckpointUpload upload =
        new CheckpointUpload(
            begun,
            futures.getOperatorStateManagedFuture(),
            captured.tensors(),
            captured.underWay(),
            disk);
    futures.setOperatorStateManagedFuture(upload);
    uploads.put(begun.checkpoint(), upload);
  }

  /** Ends the synchronous part of a checkpoint: Flink has copied what is in it. */
  public void endBegin() {
    state.clear();
    begun = null;
  }

  /** Flink gave a checkpoint up. */
  public void aborted(long checkpoint) {
    CheckpointUpload upload = uploads.remove(checkpoint);
    if (upload != null) {
      upload.cancel(true);
    }
  }

  /**
   * Flink completed a checkpoint.
   *
   * @return what it took; nothing if it was not written here
   */
  public Optional<CheckpointCost> completed(long checkpoint) {
    CheckpointUpload upload = uploads.get(checkpoint);
    uploads.headMap(checkpoint, true).values().removeIf(CheckpointUpload::isDone);
    if (upload == null) {
      return Optional.empty();
    }
    CheckpointCost cost = upload.cost();
    // By the clocks of two machines, which may differ: this one knows a part of it for certain.
    Duration told = Duration.ofMillis(System.currentTimeMillis() - cost.epochMillis());
    Duration here = upload.sinceCopied();
    return Optional.of(
        cost.with(
            new Written(
                upload.bytes(), upload.duration(), told.compareTo(here) > 0 ? told : here)));
  }

  /** Gives all of them up. */
  @Override
  public void close() {
    uploads.values().forEach(upload -> upload.cancel(true));
  }
}

package io.simmim.trainer.operator.upload;

import io.simmim.schemas.checkpoint.CheckpointCost;
import io.simmim.trainer.state.StateSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableFuture;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;

/**
 * The asynchronous part of a checkpoint: Flink's own, which reads the snapshot while it serializes,
 * and the end of that snapshot. However it ends, by completion, failure or cancellation, the
 * snapshot's memory is freed; a read that is under way in another thread ends first, a later one is
 * refused by the snapshot.
 */
final class CheckpointUpload extends FutureTask<SnapshotResult<OperatorStateHandle>> {
  private final CheckpointCost cost;
  private final RunnableFuture<SnapshotResult<OperatorStateHandle>> upload;
  private final StateSnapshot snapshot;
  private final FullDisk disk;
  private final long copiedNanos;
  private volatile long startNanos;
  private volatile long nanos;
  private volatile long bytes;

  /**
   * @param cost what is known of the checkpoint so far
   * @param underWay what is done with steps that this checkpoint has left behind, such as an
   *     export: the checkpoint must not complete before it
   * @param disk told how it ended
   */
  CheckpointUpload(
      CheckpointCost cost,
      RunnableFuture<SnapshotResult<OperatorStateHandle>> upload,
      StateSnapshot snapshot,
      List<? extends Future<?>> underWay,
      FullDisk disk) {
    super(after(underWay, upload));
    this.cost = cost;
    this.upload = upload;
    this.snapshot = snapshot;
    this.disk = disk;
    this.copiedNanos = System.nanoTime();
  }

  private static Callable<SnapshotResult<OperatorStateHandle>> after(
      List<? extends Future<?>> underWay,
      RunnableFuture<SnapshotResult<OperatorStateHandle>> upload) {
    return () -> {
      for (Future<?> work : underWay) {
        work.get();
      }
      upload.run();
      return upload.get();
    };
  }

  /** What was known of the checkpoint when it was begun. */
  CheckpointCost cost() {
    return cost;
  }

  /** How long ago its state was copied. */
  Duration sinceCopied() {
    return Duration.ofNanos(System.nanoTime() - copiedNanos);
  }

  /** How long that took, with what the checkpoint had to wait for; zero before it is done. */
  Duration duration() {
    return Duration.ofNanos(nanos);
  }

  /** Bytes of the state as they are stored; 0 before they are. */
  long bytes() {
    return bytes;
  }

  @Override
  public void run() {
    startNanos = System.nanoTime();
    super.run();
  }

  @Override
  protected void set(SnapshotResult<OperatorStateHandle> result) {
    nanos = System.nanoTime() - startNanos;
    bytes = result.getStateSize();
    disk.checkpointWritten();
    super.set(result);
  }

  @Override
  protected void setException(Throwable failure) {
    disk.checkpointFailed(failure);
    super.setException(failure);
  }

  @Override
  protected void done() {
    upload.cancel(true); // does nothing if it is done
    snapshot.close();
  }
}

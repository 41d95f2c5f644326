package io.simmim.trainer.operator;

import io.simmim.trainer.StateSnapshot;
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
  private final RunnableFuture<SnapshotResult<OperatorStateHandle>> upload;
  private final StateSnapshot snapshot;
  private final FullDisk disk;

  /**
   * @param export an export of weights that this checkpoint has left behind: the checkpoint must
   *     not complete before it, or the export would be lost with the process
   * @param disk told how it ended
   */
  CheckpointUpload(
      RunnableFuture<SnapshotResult<OperatorStateHandle>> upload,
      StateSnapshot snapshot,
      Future<?> export,
      FullDisk disk) {
    super(afterExport(upload, export));
    this.upload = upload;
    this.snapshot = snapshot;
    this.disk = disk;
  }

  private static Callable<SnapshotResult<OperatorStateHandle>> afterExport(
      RunnableFuture<SnapshotResult<OperatorStateHandle>> upload, Future<?> export) {
    return () -> {
      export.get();
      upload.run();
      return upload.get();
    };
  }

  @Override
  protected void set(SnapshotResult<OperatorStateHandle> result) {
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

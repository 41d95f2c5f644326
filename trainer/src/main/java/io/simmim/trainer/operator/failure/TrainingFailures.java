package io.simmim.trainer.operator.failure;

import io.simmim.schemas.UserError;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.util.FlinkException;

/**
 * What becomes of the job when training fails: it restarts, unless the same would happen again.
 * Used by the task thread.
 */
public final class TrainingFailures {
  private final int microBatch;
  private final GpuFailures gpu;
  private boolean stepped;
  private boolean captureRequested;
  private boolean captured;

  /**
   * @param microBatch images of one
   */
  public TrainingFailures(int microBatch, GpuLoss gpuLoss) {
    this.microBatch = microBatch;
    this.gpu = new GpuFailures(gpuLoss);
  }

  /** A step was done since the start. */
  public void stepped() {
    stepped = true;
  }

  /** A copy of the state is asked for. */
  public void captureRequested() {
    captureRequested = true;
  }

  /** It was made. */
  public void captured() {
    captured = true;
  }

  /** Whether what is done now was not done since the start: its memory was never enough. */
  private boolean isFirst() {
    return !stepped || (captureRequested && !captured);
  }

  /**
   * Throws what the task is to fail with.
   *
   * @param step in which training failed
   */
  public void raise(long step, Throwable cause) throws Exception {
    if (cause instanceof UserError mistake) {
      throw new SuppressRestartsException(mistake);
    }
    if (isFirst()) {
      gpu.raiseIfTooSmall(
          "micro-batches of %d images".formatted(microBatch),
          "less is needed with a smaller training.micro-batch and more training.accumulation, or with training.recompute",
          cause);
    }
    gpu.raiseIfLost("in step " + step, cause);
    throw new FlinkException("training failed in step " + step, cause);
  }
}

package io.simmim.trainer.operator.failure;

import io.simmim.schemas.UserError;
import java.util.Optional;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.util.FlinkException;

/**
 * What becomes of the job when training fails: it restarts, unless the same would happen again.
 * Used by the task thread.
 */
public final class TrainingFailures {
  private final int microBatch;
  private final GpuLoss gpuLoss;
  private boolean stepped;
  private boolean captureRequested;
  private boolean captured;

  /**
   * @param microBatch images of one
   */
  public TrainingFailures(int microBatch, GpuLoss gpuLoss) {
    this.microBatch = microBatch;
    this.gpuLoss = gpuLoss;
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
    Optional<String> memory = TorchFailure.outOfMemory(cause);
    if (memory.isPresent() && isFirst()) {
      throw new SuppressRestartsException(
          new UserError(
              "the GPU has not enough memory for micro-batches of %d images (%s); less is needed with a smaller training.micro-batch and more training.accumulation, or with training.recompute"
                  .formatted(microBatch, memory.get()),
              cause));
    }
    Optional<String> lost = TorchFailure.lost(cause);
    if (lost.isPresent()) {
      raise("the GPU failed in step %d (%s)".formatted(step, lost.get()), cause);
    }
    throw new FlinkException("training failed in step " + step, cause);
  }

  private void raise(String loss, Throwable cause) throws SuppressRestartsException {
    switch (gpuLoss) {
      case ENDS_PROCESS ->
          // Flink ends a process that has this: its restart strategy knows no other way.
          throw new InternalError(loss + ", and this process cannot use it any more", cause);
      case ENDS_JOB ->
          throw new SuppressRestartsException(
              new UserError(
                  loss + ", and this process cannot use it any more; the same command continues",
                  cause));
    }
  }
}

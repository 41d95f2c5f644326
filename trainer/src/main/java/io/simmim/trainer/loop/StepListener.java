package io.simmim.trainer.loop;

import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.StepMetrics;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * Follows the training: metrics, exports and rejected images are listeners. The training thread
 * calls it, between two micro-batches, and waits until it returns; what takes long belongs onto
 * another thread, with a snapshot of the model.
 */
public interface StepListener {
  /**
   * The training begins, or goes on.
   *
   * @param steps that were complete before
   * @param model as these have left it
   */
  default void begun(long steps, Learner model) throws InterruptedException {}

  /** Images that could not be used, none of which was told before. */
  default void rejected(List<RejectedImage> images) {}

  /**
   * How near the run is to failing of images that cannot be used. Told before each step is done.
   *
   * @param share of those that are allowed by now, 0 to 1
   */
  default void rejectedOfAllowed(double share) {}

  /**
   * All gradients of a step are there; the weights are those of the step before. Not called for a
   * step without any image, which has none.
   *
   * @param step number of the step, from 1
   */
  default void gradientsDone(long step, Learner model) throws InterruptedException {}

  /**
   * A step is complete.
   *
   * @param model as this step has left it
   */
  default void stepDone(StepMetrics metrics, Learner model) throws InterruptedException {}

  /**
   * What the listener still does with steps that are complete. A checkpoint after them does not
   * complete before it: it would be lost with the process. Never completes exceptionally.
   */
  default Future<?> underWay() {
    return CompletableFuture.completedFuture(null);
  }
}

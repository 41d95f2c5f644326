package io.simmim.schemas;

import io.simmim.schemas.timing.DataWait;

/**
 * What one optimizer step did.
 *
 * @param step number of the step, from 1
 * @param epoch epoch of the step, from 0
 * @param imagesSeen usable images trained on since the beginning of the run, this step included
 * @param images usable images of this step
 * @param loss mean of the micro-batch losses; 0 if there is no image, and then no measurement
 * @param learningRate the rate that the update used
 * @param gradientNorm 2-norm of all gradients before clipping; likewise
 * @param imagesPerSecond over this step, waiting included
 * @param dataWait what the trainer waited for in this step
 * @param rejectedImages distinct images rejected since the beginning of the run
 * @param epochMillis wall-clock time at the end of the step, milliseconds since 1970
 */
public record StepMetrics(
    long step,
    int epoch,
    long imagesSeen,
    int images,
    double loss,
    double learningRate,
    double gradientNorm,
    double imagesPerSecond,
    DataWait dataWait,
    long rejectedImages,
    long epochMillis) {
  /** Whether no image of the step could be used: its loss and its norm say nothing. */
  public boolean isEmpty() {
    return images == 0;
  }

  /** Share of this step's time that the trainer waited for data, 0 to 1. */
  public double dataWaitShare() {
    return dataWait.total();
  }
}

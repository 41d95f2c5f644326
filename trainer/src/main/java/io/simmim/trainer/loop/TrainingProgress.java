package io.simmim.trainer.loop;

import io.simmim.schemas.BatchPlan;

/**
 * How far training is, at a boundary between two micro-batches.
 *
 * @param microBatches micro-batches consumed since the beginning of the run, empty ones included
 * @param imagesSeen usable images trained on since the beginning of the run
 * @param stepImages usable images of the step under way
 * @param stepLosses micro-batches of the step under way that had images, and so a loss
 * @param stepLossSum sum of their losses
 */
public record TrainingProgress(
    long microBatches, long imagesSeen, int stepImages, int stepLosses, double stepLossSum) {
  public static final TrainingProgress START = new TrainingProgress(0, 0, 0, 0, 0);

  public TrainingProgress {
    if (microBatches < 0 || imagesSeen < 0 || stepImages < 0 || stepLosses < 0) {
      throw new IllegalArgumentException(
          "progress must be at least 0: %d micro-batches, %d images, %d and %d losses of the step"
              .formatted(microBatches, imagesSeen, stepImages, stepLosses));
    }
  }

  /** Complete steps. */
  public long steps(BatchPlan plan) {
    return microBatches / plan.accumulation();
  }

  /** Micro-batches consumed of the step under way. */
  public int microBatchOfStep(BatchPlan plan) {
    return (int) (microBatches % plan.accumulation());
  }

  /** The chunk that is consumed next. */
  public long nextChunk(BatchPlan plan) {
    return Math.multiplyExact(microBatches, plan.chunksPerMicroBatch());
  }

  boolean isComplete(BatchPlan plan) {
    return steps(plan) >= plan.totalSteps();
  }

  /** Whether gradients have been accumulated since the last update. */
  boolean holdsGradients() {
    return stepLosses > 0;
  }

  /** After a micro-batch without images. */
  TrainingProgress plusEmpty() {
    return new TrainingProgress(microBatches + 1, imagesSeen, stepImages, stepLosses, stepLossSum);
  }

  /** After a micro-batch with images, whose loss is told later. */
  TrainingProgress plusImages(int images) {
    return new TrainingProgress(
        microBatches + 1, imagesSeen + images, stepImages + images, stepLosses + 1, stepLossSum);
  }

  /** With the loss of a micro-batch that is counted already. */
  TrainingProgress plusLoss(double loss) {
    return new TrainingProgress(
        microBatches, imagesSeen, stepImages, stepLosses, stepLossSum + loss);
  }

  /** At the beginning of the next step. */
  TrainingProgress withNewStep() {
    return new TrainingProgress(microBatches, imagesSeen, 0, 0, 0);
  }
}

package io.simmim.pipeline.report.story;

import java.time.Instant;

/**
 * What the steps of a run did.
 *
 * @param steps how many there are
 * @param lastStep number of the last one
 * @param lastEpoch its epoch, from 0
 * @param imagesSeen images trained on up to then
 * @param rejectedImages images rejected up to then
 * @param unreadable lines that are none of ours, or not in order
 * @param firstEnd end of the first step
 * @param lastEnd end of the last step
 * @param waits what was waited for, and how long
 */
public record StepHistory(
    long steps,
    long lastStep,
    int lastEpoch,
    long imagesSeen,
    long rejectedImages,
    long unreadable,
    Instant firstEnd,
    Instant lastEnd,
    TimeSpent time,
    Thinned loss,
    Thinned learningRate,
    Thinned gradientNorm,
    Thinned imagesPerSecond,
    Waits waits) {
  /**
   * Parts of the time of each step that were spent waiting for data, 0 to 1.
   *
   * @param all however it is divided
   * @param fetching for the bytes of images; without a number where the metrics do not tell, as
   *     those of earlier builds, like the next two
   * @param decoding for tasks that decode
   * @param network for the way to the trainer
   */
  public record Waits(Thinned all, Thinned fetching, Thinned decoding, Thinned network) {}

  /** Whether no step has ended yet. */
  public boolean isEmpty() {
    return steps == 0;
  }
}

package io.simmim.trainer.optimizer;

/**
 * Half a cosine that counts from the start of the run, as timm 0.4's {@code CosineLRScheduler} with
 * {@code cycle_limit=1}: the warm-up cuts the beginning of the cosine off, so the rate drops a
 * little where it ends.
 *
 * @param min rate at and after {@code totalUpdates}
 * @param totalUpdates length of the cosine, warm-up included
 */
public record CosineSchedule(WarmUp warmUp, double min, long totalUpdates)
    implements FallingSchedule {

  @Override
  public double falling(long t) {
    return min
        + 0.5 * (warmUp.base() - min) * (1 + StrictMath.cos(Math.PI * (double) t / totalUpdates));
  }

  @Override
  public LearningRateSchedule scaledBy(double scale) {
    return new CosineSchedule(warmUp.scaledBy(scale), min, totalUpdates);
  }
}

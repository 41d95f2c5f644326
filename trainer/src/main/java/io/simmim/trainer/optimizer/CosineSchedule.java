package io.simmim.trainer.optimizer;

/**
 * Half a cosine after a linear warm-up, as timm 0.4's {@code CosineLRScheduler} with {@code
 * cycle_limit=1}: the cosine counts from the start of the run, so the warm-up cuts its beginning
 * off.
 *
 * @param base rate at the top of the cosine
 * @param warmupRate rate of update 0
 * @param min rate at and after {@code totalUpdates}
 * @param warmupUpdates length of the warm-up
 * @param totalUpdates length of the cosine, warm-up included
 */
public record CosineSchedule(
    double base, double warmupRate, double min, long warmupUpdates, long totalUpdates)
    implements LearningRateSchedule {

  @Override
  public double afterUpdate(long t) {
    if (t < warmupUpdates) {
      return warmupRate + (double) t * ((base - warmupRate) / warmupUpdates);
    }
    if (t >= totalUpdates) {
      return min;
    }
    return min + 0.5 * (base - min) * (1 + StrictMath.cos(Math.PI * (double) t / totalUpdates));
  }
}

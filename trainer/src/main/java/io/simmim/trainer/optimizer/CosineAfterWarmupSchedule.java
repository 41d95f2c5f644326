package io.simmim.trainer.optimizer;

/**
 * Half a cosine over what the warm-up leaves of the run, as the official MAE code ({@code
 * util/lr_sched.py}, He et al., 2022) has it. That code sets the rate before an update, not after
 * it, so that step i uses index i.
 *
 * @param min rate at and after {@code totalUpdates}
 * @param totalUpdates length of warm-up and cosine together
 */
public record CosineAfterWarmupSchedule(WarmUp warmUp, double min, long totalUpdates)
    implements FallingSchedule {

  @Override
  public double falling(long t) {
    return min + (warmUp.base() - min) * 0.5 * (1 + StrictMath.cos(Math.PI * share(t)));
  }

  @Override
  public double ofStep(long step) {
    return afterUpdate(step);
  }

  @Override
  public LearningRateSchedule scaledBy(double scale) {
    return new CosineAfterWarmupSchedule(warmUp.scaledBy(scale), min, totalUpdates);
  }
}

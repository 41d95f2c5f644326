package io.simmim.trainer.optimizer;

/**
 * A straight line from the base rate at the end of the warm-up to the minimum at the end of the
 * run, as the official code's {@code LinearLRScheduler}. There the minimum is always a hundredth of
 * the base rate; here it is given.
 *
 * @param min rate at and after {@code totalUpdates}
 * @param totalUpdates length of warm-up and line together
 */
public record LinearSchedule(WarmUp warmUp, double min, long totalUpdates)
    implements FallingSchedule {

  @Override
  public double falling(long t) {
    return warmUp.base() - (warmUp.base() - min) * share(t);
  }

  @Override
  public LearningRateSchedule scaledBy(double scale) {
    return new LinearSchedule(warmUp.scaledBy(scale), min, totalUpdates);
  }
}

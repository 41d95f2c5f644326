package io.simmim.trainer.optimizer;

/** The base rate after the warm-up, for ever. */
public record ConstantSchedule(WarmUp warmUp) implements LearningRateSchedule {
  @Override
  public double afterUpdate(long t) {
    return warmUp.covers(t) ? warmUp.rate(t) : warmUp.base();
  }

  @Override
  public LearningRateSchedule scaledBy(double scale) {
    return new ConstantSchedule(warmUp.scaledBy(scale));
  }
}

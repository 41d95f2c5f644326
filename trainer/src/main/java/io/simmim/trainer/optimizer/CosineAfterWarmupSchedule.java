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
    implements LearningRateSchedule {

  @Override
  public double afterUpdate(long t) {
    if (warmUp.covers(t)) {
      return warmUp.rate(t);
    }
    if (t >= totalUpdates) {
      return min;
    }
    double share = (double) (t - warmUp.updates()) / (totalUpdates - warmUp.updates());
    return min + (warmUp.base() - min) * 0.5 * (1 + StrictMath.cos(Math.PI * share));
  }

  @Override
  public double ofStep(long step) {
    return afterUpdate(step);
  }
}

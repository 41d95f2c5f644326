package io.simmim.trainer.optimizer;

/**
 * Warm-up, then the base rate, then a straight line down (Hu et al., "MiniCPM", 2024; the linear
 * form is one of the two that Hägele et al., "Scaling Laws and Compute-Optimal Training Beyond
 * Fixed Training Durations", 2024, recommend).
 *
 * <p>Until the decay starts, the course does not depend on where or whether it does: a run with a
 * {@link ConstantSchedule} goes on for as long as there are images, and a decay can begin at any of
 * its updates, even during the warm-up.
 *
 * @param min rate at and after the end of the decay
 * @param decayStart update at which the rate begins to fall
 * @param decayUpdates length of the decay, at least 1
 */
public record WarmupStableDecaySchedule(
    WarmUp warmUp, double min, long decayStart, long decayUpdates) implements LearningRateSchedule {

  public WarmupStableDecaySchedule {
    if (decayStart < 0 || decayUpdates < 1) {
      throw new IllegalArgumentException(
          "the decay must start at 0 or later and last 1 update or more: %d, %d"
              .formatted(decayStart, decayUpdates));
    }
  }

  @Override
  public double afterUpdate(long t) {
    if (t < decayStart) {
      return undecayed(t);
    }
    if (t - decayStart >= decayUpdates) {
      return min;
    }
    double top = undecayed(decayStart);
    return top - (top - min) * ((double) (t - decayStart) / decayUpdates);
  }

  private double undecayed(long t) {
    return warmUp.covers(t) ? warmUp.rate(t) : warmUp.base();
  }

  @Override
  public LearningRateSchedule scaledBy(double scale) {
    return new WarmupStableDecaySchedule(warmUp.scaledBy(scale), min, decayStart, decayUpdates);
  }
}

package io.simmim.trainer.optimizer;

import java.util.List;

/**
 * A constant rate after a linear warm-up, multiplied by a factor at each milestone.
 *
 * @param base rate after the warm-up
 * @param warmupRate rate of update 0
 * @param warmupUpdates length of the warm-up
 * @param milestones updates from which on the factor counts once more
 * @param gamma the factor
 */
public record MultiStepSchedule(
    double base, double warmupRate, long warmupUpdates, List<Long> milestones, double gamma)
    implements LearningRateSchedule {

  public MultiStepSchedule {
    milestones = List.copyOf(milestones);
  }

  @Override
  public double afterUpdate(long t) {
    if (t < warmupUpdates) {
      return warmupRate + (double) t * ((base - warmupRate) / warmupUpdates);
    }
    long passed = milestones.stream().filter(milestone -> milestone <= t).count();
    return base * StrictMath.pow(gamma, (double) passed);
  }
}

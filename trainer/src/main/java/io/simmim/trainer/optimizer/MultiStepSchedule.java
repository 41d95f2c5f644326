package io.simmim.trainer.optimizer;

import java.util.List;

/**
 * The base rate after the warm-up, multiplied by a factor at each milestone, as the official code's
 * {@code MultiStepLRScheduler}.
 *
 * @param milestones updates from which on the factor counts once more
 * @param gamma the factor
 */
public record MultiStepSchedule(WarmUp warmUp, List<Long> milestones, double gamma)
    implements LearningRateSchedule {

  public MultiStepSchedule {
    milestones = List.copyOf(milestones);
  }

  @Override
  public double afterUpdate(long t) {
    if (warmUp.covers(t)) {
      return warmUp.rate(t);
    }
    long passed = milestones.stream().filter(milestone -> milestone <= t).count();
    return warmUp.base() * StrictMath.pow(gamma, (double) passed);
  }

  @Override
  public LearningRateSchedule scaledBy(double scale) {
    return new MultiStepSchedule(warmUp.scaledBy(scale), milestones, gamma);
  }
}

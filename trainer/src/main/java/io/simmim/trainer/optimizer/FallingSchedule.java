package io.simmim.trainer.optimizer;

/** A warm-up, then a course that falls from the base rate to the minimum at the end of the run. */
interface FallingSchedule extends LearningRateSchedule {
  WarmUp warmUp();

  /** Rate at and after {@link #totalUpdates}. */
  double min();

  /** Length of warm-up and fall together. */
  long totalUpdates();

  /** The rate between the end of the warm-up and that of the run. */
  double falling(long t);

  /** How much of the fall is over, from 0 to 1. */
  default double share(long t) {
    return (double) (t - warmUp().updates()) / (totalUpdates() - warmUp().updates());
  }

  @Override
  default double afterUpdate(long t) {
    if (warmUp().covers(t)) {
      return warmUp().rate(t);
    }
    return t < totalUpdates() ? falling(t) : min();
  }
}

package io.simmim.trainer.histogram;

import io.simmim.schemas.BatchPlan;
import java.io.Serializable;

/**
 * After which steps there are histograms of weights and gradients. Where there are any, the last
 * step has them too.
 *
 * @param everySteps steps between two; 0 = none
 */
public record HistogramSchedule(long everySteps) implements Serializable {
  /** There are none. */
  public static final HistogramSchedule NEVER = new HistogramSchedule(0);

  public HistogramSchedule {
    if (everySteps < 0) {
      throw new IllegalArgumentException("steps must be at least 0: " + everySteps);
    }
  }

  /** Whether there are any. */
  public boolean isOn() {
    return everySteps > 0;
  }

  boolean isDue(long step, BatchPlan plan) {
    return isOn() && (step % everySteps == 0 || step == plan.totalSteps());
  }
}

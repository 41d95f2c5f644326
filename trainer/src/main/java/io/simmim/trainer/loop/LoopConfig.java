package io.simmim.trainer.loop;

import io.simmim.schemas.BatchPlan;
import io.simmim.trainer.optimizer.LearningRateSchedule;
import java.util.Objects;

/**
 * What the training loop is told.
 *
 * @param trainer model and optimizer
 * @param plan epochs, steps, micro-batches and chunks of the run
 * @param schedule learning rate of each step
 * @param rejectionLimit unusable images that the run tolerates
 */
public record LoopConfig(
    LearnerConfig trainer,
    BatchPlan plan,
    LearningRateSchedule schedule,
    RejectionLimit rejectionLimit) {
  public LoopConfig {
    Objects.requireNonNull(trainer, "trainer");
    Objects.requireNonNull(plan, "plan");
    Objects.requireNonNull(schedule, "schedule");
    Objects.requireNonNull(rejectionLimit, "rejectionLimit");
  }
}

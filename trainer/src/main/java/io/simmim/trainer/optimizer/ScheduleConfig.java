package io.simmim.trainer.optimizer;

import io.simmim.schemas.BatchPlan;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/**
 * Learning rates and their course over the run. Rates hold for a batch of 512 images and are scaled
 * linearly to the run's batch, as the official code does.
 *
 * @param type course after the warm-up
 * @param baseLearningRate rate after the warm-up
 * @param warmupLearningRate rate of the first update
 * @param minLearningRate rate at the end of a cosine
 * @param warmupEpochs length of the linear warm-up; may be a fraction
 * @param milestones epochs at which a multi-step schedule multiplies by gamma, ascending
 * @param gamma factor of a multi-step schedule
 */
public record ScheduleConfig(
    ScheduleType type,
    double baseLearningRate,
    double warmupLearningRate,
    double minLearningRate,
    double warmupEpochs,
    List<Integer> milestones,
    double gamma)
    implements Serializable {
  /** The batch that the configured rates are meant for. */
  public static final int REFERENCE_BATCH = 512;

  public ScheduleConfig {
    Objects.requireNonNull(type, "type");
    milestones = List.copyOf(milestones);
    requireRate("base-learning-rate", baseLearningRate);
    requireRate("warmup-learning-rate", warmupLearningRate);
    requireRate("min-learning-rate", minLearningRate);
    if (!(warmupEpochs >= 0 && Double.isFinite(warmupEpochs))) {
      throw new IllegalArgumentException("warmup-epochs must be at least 0: " + warmupEpochs);
    }
    if (!(gamma > 0 && gamma <= 1)) {
      throw new IllegalArgumentException("gamma must be above 0 and at most 1: " + gamma);
    }
    for (int i = 0; i < milestones.size(); i++) {
      if (milestones.get(i) < 1 || (i > 0 && milestones.get(i) <= milestones.get(i - 1))) {
        throw new IllegalArgumentException(
            "milestones must be at least 1 and ascending: " + milestones);
      }
    }
    if (type == ScheduleType.MULTISTEP) {
      if (milestones.isEmpty()) {
        throw new IllegalArgumentException("milestones of a multistep schedule must not be empty");
      }
      if (warmupEpochs > milestones.get(0)) {
        throw new IllegalArgumentException(
            "warmup-epochs must be at most the first milestone %d: %s"
                .formatted(milestones.get(0), warmupEpochs));
      }
    }
  }

  /** The schedule of a run, scaled to its batch. */
  public LearningRateSchedule forRun(BatchPlan plan) {
    double scale = (double) plan.globalBatch() / REFERENCE_BATCH;
    long stepsPerEpoch = plan.stepsPerEpoch();
    long warmup = (long) (warmupEpochs * stepsPerEpoch);
    double base = baseLearningRate * scale;
    double first = warmupLearningRate * scale;
    return switch (type) {
      case COSINE ->
          new CosineSchedule(base, first, minLearningRate * scale, warmup, plan.totalSteps());
      case MULTISTEP ->
          new MultiStepSchedule(
              base,
              first,
              warmup,
              milestones.stream().map(epoch -> epoch * stepsPerEpoch).toList(),
              gamma);
    };
  }

  private static void requireRate(String key, double rate) {
    if (!(rate >= 0 && Double.isFinite(rate))) {
      throw new IllegalArgumentException("%s must be at least 0: %s".formatted(key, rate));
    }
  }
}

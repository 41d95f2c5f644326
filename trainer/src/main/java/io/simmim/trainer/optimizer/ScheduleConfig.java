package io.simmim.trainer.optimizer;

import io.simmim.schemas.BatchPlan;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/**
 * Learning rates and their course over the run. Rates hold for a batch of {@code referenceBatch}
 * images and are scaled linearly to the run's batch, all three, as SimMIM's official code does from
 * 512; MAE's scales the base rate from 256, and its least rate is zero. A type leaves alone what it
 * does not use.
 *
 * <p>{@link ScheduleType#STEP} has shares of the run, since its sources do: the paper's supplement
 * (table 2) drops the rate at 90 % and 95 % of runs of different lengths, and the scaling
 * experiments (Xie et al., "On Data Scaling in Masked Image Modeling", 2023) at 7/8. {@link
 * ScheduleType#MULTISTEP} has epochs, as the official configurations. (The official code's own
 * {@code step}, a drop every so many epochs, is a multistep with these epochs listed.)
 *
 * @param type course after the warm-up
 * @param referenceBatch images of the batch that the rates are meant for
 * @param baseLearningRate rate after the warm-up
 * @param warmupLearningRate rate of the first update
 * @param minLearningRate rate at the end of the types that fall to one
 * @param warmupEpochs length of the linear warm-up; may be a fraction
 * @param milestones epochs at which a multistep schedule multiplies by gamma, ascending
 * @param milestoneShares shares of the run at which a step schedule multiplies by gamma, ascending
 * @param gamma factor of multistep and step schedules
 * @param decayEpochs length of the decay at the end of a warm-up, stable, decay schedule; may be a
 *     fraction
 */
public record ScheduleConfig(
    ScheduleType type,
    int referenceBatch,
    double baseLearningRate,
    double warmupLearningRate,
    double minLearningRate,
    double warmupEpochs,
    List<Integer> milestones,
    List<Double> milestoneShares,
    double gamma,
    double decayEpochs)
    implements Serializable {

  public ScheduleConfig {
    Objects.requireNonNull(type, "type");
    milestones = List.copyOf(milestones);
    milestoneShares = List.copyOf(milestoneShares);
    if (referenceBatch < 1) {
      throw new IllegalArgumentException(
          "schedule.reference-batch must be at least 1: " + referenceBatch);
    }
    requireNotNegative("schedule.base-learning-rate", baseLearningRate);
    requireNotNegative("schedule.warmup-learning-rate", warmupLearningRate);
    requireNotNegative("schedule.min-learning-rate", minLearningRate);
    requireNotNegative("schedule.warmup-epochs", warmupEpochs);
    requireNotNegative("schedule.decay-epochs", decayEpochs);
    if (!(gamma > 0 && gamma <= 1)) {
      throw new IllegalArgumentException("schedule.gamma must be above 0 and at most 1: " + gamma);
    }
    requireAscending(milestones);
    requireShares(milestoneShares);
    switch (type) {
      case COSINE, COSINE_AFTER_WARMUP, LINEAR -> requireFall(baseLearningRate, minLearningRate);
      case WARMUP_STABLE_DECAY -> {
        requireFall(baseLearningRate, minLearningRate);
        if (decayEpochs == 0) {
          throw new IllegalArgumentException(
              "schedule.decay-epochs of a warmup-stable-decay schedule must be above 0"
                  + " (a schedule without decay is constant): 0");
        }
      }
      case MULTISTEP -> {
        requireNotEmpty("schedule.milestones of a multistep schedule", milestones);
        requireWarmUpBefore(milestones.get(0), warmupEpochs);
      }
      case STEP -> requireNotEmpty("schedule.milestone-shares of a step schedule", milestoneShares);
      case CONSTANT -> {}
    }
  }

  /**
   * Checks that a run is long enough. A run may end before a milestone: it is the beginning of a
   * longer one.
   *
   * @throws IllegalArgumentException if warm-up, steps or decay do not fit
   */
  public void requireFits(int epochs) {
    if (warmupEpochs > epochs) {
      throw new IllegalArgumentException(
          "schedule.warmup-epochs must be at most training.epochs %d: %s"
              .formatted(epochs, warmupEpochs));
    }
    if (type == ScheduleType.STEP) {
      requireWarmUpBefore(milestoneShares.get(0) * epochs, warmupEpochs);
    }
    if (type == ScheduleType.WARMUP_STABLE_DECAY && decayEpochs > epochs - warmupEpochs) {
      throw new IllegalArgumentException(
          "schedule.decay-epochs must be at most %s, what schedule.warmup-epochs leave of training.epochs %d: %s"
              .formatted(epochs - warmupEpochs, epochs, decayEpochs));
    }
  }

  /**
   * The schedule of a continuous run that ends: a warm-up, the base rate, and a decay over the last
   * steps, whatever the type.
   *
   * @param plan tells the step at which it ends
   * @param decaySteps length of the decay
   */
  public LearningRateSchedule decaying(BatchPlan plan, long decaySteps) {
    double min = minLearningRate * plan.globalBatch() / referenceBatch;
    return new WarmupStableDecaySchedule(
        warmUp(plan), min, plan.totalSteps() - decaySteps, decaySteps);
  }

  private WarmUp warmUp(BatchPlan plan) {
    double scale = (double) plan.globalBatch() / referenceBatch;
    return new WarmUp(
        warmupLearningRate * scale,
        baseLearningRate * scale,
        (long) (warmupEpochs * plan.stepsPerEpoch()));
  }

  /** The schedule of a run, scaled to its batch. */
  public LearningRateSchedule forRun(BatchPlan plan) {
    double scale = (double) plan.globalBatch() / referenceBatch;
    long perEpoch = plan.stepsPerEpoch();
    long total = plan.totalSteps();
    double min = minLearningRate * scale;
    WarmUp warmUp = warmUp(plan);
    return switch (type) {
      case COSINE -> new CosineSchedule(warmUp, min, total);
      case COSINE_AFTER_WARMUP -> new CosineAfterWarmupSchedule(warmUp, min, total);
      case LINEAR -> new LinearSchedule(warmUp, min, total);
      case CONSTANT -> new ConstantSchedule(warmUp);
      case MULTISTEP ->
          new MultiStepSchedule(
              warmUp, milestones.stream().map(epoch -> epoch * perEpoch).toList(), gamma);
      case STEP ->
          // Rounded, not cut: 0.57 * 100 is a little less than 57.
          new MultiStepSchedule(
              warmUp,
              milestoneShares.stream().map(share -> Math.round(share * total)).toList(),
              gamma);
      case WARMUP_STABLE_DECAY -> {
        long decay = Math.max(1, (long) (decayEpochs * perEpoch));
        yield new WarmupStableDecaySchedule(warmUp, min, total - decay, decay);
      }
    };
  }

  private static void requireNotNegative(String key, double value) {
    if (!(value >= 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException("%s must be at least 0: %s".formatted(key, value));
    }
  }

  private static void requireFall(double base, double min) {
    if (min > base) {
      throw new IllegalArgumentException(
          "schedule.min-learning-rate must be at most schedule.base-learning-rate %s: %s"
              .formatted(base, min));
    }
  }

  private static void requireNotEmpty(String what, List<?> list) {
    if (list.isEmpty()) {
      throw new IllegalArgumentException(what + " must not be empty");
    }
  }

  private static void requireWarmUpBefore(Number milestone, double warmupEpochs) {
    if (warmupEpochs > milestone.doubleValue()) {
      throw new IllegalArgumentException(
          "schedule.warmup-epochs must be at most the first milestone %s: %s"
              .formatted(milestone, warmupEpochs));
    }
  }

  private static void requireAscending(List<Integer> milestones) {
    for (int i = 0; i < milestones.size(); i++) {
      if (milestones.get(i) < 1 || (i > 0 && milestones.get(i) <= milestones.get(i - 1))) {
        throw new IllegalArgumentException(
            "schedule.milestones must be at least 1 and ascending: " + milestones);
      }
    }
  }

  private static void requireShares(List<Double> shares) {
    for (int i = 0; i < shares.size(); i++) {
      double share = shares.get(i);
      if (!(share > 0 && share < 1) || (i > 0 && share <= shares.get(i - 1))) {
        throw new IllegalArgumentException(
            "schedule.milestone-shares must be above 0, below 1 and ascending: " + shares);
      }
    }
  }
}

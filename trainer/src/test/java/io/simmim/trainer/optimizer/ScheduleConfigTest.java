package io.simmim.trainer.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.BatchPlan;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The official code's rates are compared with the recorded ones in {@code TrainerParityTest}. */
class ScheduleConfigTest {
  /** 10 epochs of 4 steps of 256 images. */
  private static final BatchPlan PLAN = new BatchPlan(1024, 10, 64, 4, 16);

  private static ScheduleConfig config(
      ScheduleType type, double warmupEpochs, List<Integer> milestones) {
    return config(type, warmupEpochs, milestones, List.of(), 2);
  }

  private static ScheduleConfig config(
      ScheduleType type,
      double warmupEpochs,
      List<Integer> milestones,
      List<Double> shares,
      double decayEpochs) {
    return new ScheduleConfig(
        type, 512, 4e-4, 2e-6, 1e-5, warmupEpochs, milestones, shares, 0.1, decayEpochs);
  }

  private static ScheduleConfig rates(double base, double min) {
    return new ScheduleConfig(
        ScheduleType.COSINE, 512, base, 0, min, 0, List.of(), List.of(), 1, 0);
  }

  @Test
  void scalesEveryRateToTheBatch() {
    LearningRateSchedule schedule = config(ScheduleType.COSINE, 2, List.of()).forRun(PLAN);

    assertThat(schedule.afterUpdate(0)).isEqualTo(1e-6);
    assertThat(schedule.afterUpdate(PLAN.totalSteps())).isEqualTo(5e-6);
    assertThat(schedule.afterUpdate(4)).isCloseTo((1e-6 + 2e-4) / 2, within(1e-12));
  }

  @Test
  void decaysOverTheLastStepsWhateverTheType() {
    BatchPlan plan = BatchPlan.continuous(4, 64, 4, 16).endingAfter(30);
    LearningRateSchedule schedule = config(ScheduleType.CONSTANT, 2, List.of()).decaying(plan, 10);
    LearningRateSchedule endless =
        config(ScheduleType.CONSTANT, 2, List.of()).forRun(BatchPlan.continuous(4, 64, 4, 16));

    for (int step = 0; step <= 20; step++) {
      assertThat(schedule.afterUpdate(step)).isEqualTo(endless.afterUpdate(step));
    }
    assertThat(schedule.afterUpdate(25)).isCloseTo((2e-4 + 5e-6) / 2, within(1e-12));
    assertThat(schedule.afterUpdate(30)).isEqualTo(5e-6);
  }

  @Test
  void scalesFromTheReferenceBatch() {
    ScheduleConfig mae =
        new ScheduleConfig(ScheduleType.CONSTANT, 128, 1.5e-4, 0, 0, 0, List.of(), List.of(), 1, 0);

    assertThat(mae.forRun(PLAN).ofStep(0)).isEqualTo(3e-4);
  }

  @ParameterizedTest
  @EnumSource
  void warmsUpToTheBaseRate(ScheduleType type) {
    LearningRateSchedule schedule = config(type, 1, List.of(5), List.of(0.5), 2).forRun(PLAN);

    assertThat(schedule.afterUpdate(0)).isEqualTo(1e-6);
    assertThat(schedule.afterUpdate(2)).isCloseTo((1e-6 + 2e-4) / 2, within(1e-12));
    assertThat(schedule.afterUpdate(4)).isCloseTo(2e-4, within(6e-6));
  }

  @ParameterizedTest
  @EnumSource
  void startsAtTheBaseRateWithoutWarmUp(ScheduleType type) {
    assertThat(config(type, 0, List.of(5), List.of(0.5), 2).forRun(PLAN).ofStep(0)).isEqualTo(2e-4);
  }

  @Test
  void usesTheFirstRateTwice() {
    LearningRateSchedule schedule = config(ScheduleType.COSINE, 2, List.of()).forRun(PLAN);

    assertThat(schedule.ofStep(0)).isEqualTo(schedule.afterUpdate(0));
    assertThat(schedule.ofStep(1)).isEqualTo(schedule.afterUpdate(0));
    assertThat(schedule.ofStep(2)).isEqualTo(schedule.afterUpdate(1));
  }

  @Test
  void dropsAtMilestones() {
    LearningRateSchedule schedule = config(ScheduleType.MULTISTEP, 0.5, List.of(5, 8)).forRun(PLAN);

    assertThat(schedule.afterUpdate(2)).isEqualTo(2e-4);
    assertThat(schedule.afterUpdate(19)).isEqualTo(2e-4);
    assertThat(schedule.afterUpdate(20)).isCloseTo(2e-5, within(1e-15));
    assertThat(schedule.afterUpdate(32)).isCloseTo(2e-6, within(1e-15));
  }

  @Test
  void dropsAtSharesOfTheRun() {
    LearningRateSchedule schedule =
        config(ScheduleType.STEP, 1, List.of(), List.of(0.9, 0.95), 0).forRun(PLAN);

    assertThat(schedule.afterUpdate(35)).isEqualTo(2e-4);
    assertThat(schedule.afterUpdate(36)).isCloseTo(2e-5, within(1e-15));
    assertThat(schedule.afterUpdate(37)).isCloseTo(2e-5, within(1e-15));
    assertThat(schedule.afterUpdate(38)).isCloseTo(2e-6, within(1e-15));
  }

  @Test
  void dropsAtTheUpdateNearestToAShare() {
    LearningRateSchedule schedule =
        config(ScheduleType.STEP, 0, List.of(), List.of(0.57), 0)
            .forRun(new BatchPlan(256, 100, 64, 4, 16));

    assertThat(schedule.afterUpdate(56)).isEqualTo(2e-4);
    assertThat(schedule.afterUpdate(57)).isCloseTo(2e-5, within(1e-15));
  }

  @Test
  void decaysOverTheLastEpochs() {
    LearningRateSchedule schedule =
        config(ScheduleType.WARMUP_STABLE_DECAY, 1, List.of(), List.of(), 2).forRun(PLAN);

    assertThat(schedule.afterUpdate(32)).isEqualTo(2e-4);
    assertThat(schedule.afterUpdate(36)).isCloseTo((2e-4 + 5e-6) / 2, within(1e-15));
    assertThat(schedule.afterUpdate(40)).isEqualTo(5e-6);
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertRefused(
        () -> config(ScheduleType.MULTISTEP, 6, List.of(5)),
        "schedule.warmup-epochs must be at most the first milestone 5: 6.0");
    assertRefused(
        () -> config(ScheduleType.MULTISTEP, 0, List.of()),
        "schedule.milestones of a multistep schedule must not be empty");
    assertRefused(
        () -> config(ScheduleType.MULTISTEP, 0, List.of(5, 5)),
        "schedule.milestones must be at least 1 and ascending: [5, 5]");
    assertRefused(
        () -> config(ScheduleType.STEP, 0, List.of(5)),
        "schedule.milestone-shares of a step schedule must not be empty");
    assertRefused(
        () -> config(ScheduleType.STEP, 0, List.of(), List.of(0.95, 0.9), 0),
        "schedule.milestone-shares must be above 0, below 1 and ascending: [0.95, 0.9]");
    assertRefused(
        () -> config(ScheduleType.STEP, 0, List.of(), List.of(90.0), 0),
        "schedule.milestone-shares must be above 0, below 1 and ascending: [90.0]");
    assertRefused(
        () -> config(ScheduleType.WARMUP_STABLE_DECAY, 0, List.of(), List.of(), 0),
        "schedule.decay-epochs of a warmup-stable-decay schedule must be above 0"
            + " (a schedule without decay is constant): 0");
    assertRefused(
        () -> config(ScheduleType.COSINE, -1, List.of()),
        "schedule.warmup-epochs must be at least 0: -1.0");
    assertRefused(() -> rates(-1e-4, 0), "schedule.base-learning-rate must be at least 0: -1.0E-4");
    assertRefused(
        () -> rates(1e-4, 1e-3),
        "schedule.min-learning-rate must be at most schedule.base-learning-rate 1.0E-4: 0.001");
    assertRefused(
        () -> new ScheduleConfig(ScheduleType.COSINE, 0, 1, 0, 0, 0, List.of(), List.of(), 1, 0),
        "schedule.reference-batch must be at least 1: 0");
  }

  @Test
  void refusesARunThatIsTooShort() {
    assertRefused(
        () -> config(ScheduleType.COSINE, 6, List.of()).requireFits(5),
        "schedule.warmup-epochs must be at most training.epochs 5: 6.0");
    assertRefused(
        () -> config(ScheduleType.STEP, 6, List.of(), List.of(0.5), 0).requireFits(10),
        "schedule.warmup-epochs must be at most the first milestone 5.0: 6.0");
    assertRefused(
        () ->
            config(ScheduleType.WARMUP_STABLE_DECAY, 1, List.of(), List.of(), 9.5).requireFits(10),
        "schedule.decay-epochs must be at most 9.0, what schedule.warmup-epochs leave of training.epochs 10: 9.5");
  }

  @Test
  void leavesAloneWhatATypeDoesNotUse() {
    ScheduleConfig constant =
        new ScheduleConfig(
            ScheduleType.CONSTANT, 256, 1e-4, 0, 1, 0, List.of(70), List.of(0.5), 0.1, 100);

    constant.requireFits(10);
    assertThat(constant.forRun(PLAN).afterUpdate(39)).isEqualTo(1e-4);
  }

  private static void assertRefused(Runnable construction, String message) {
    assertThatThrownBy(construction::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}

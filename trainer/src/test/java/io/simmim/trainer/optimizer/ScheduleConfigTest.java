package io.simmim.trainer.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.BatchPlan;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rates themselves are compared with the reference's in {@code TrainerParityTest}. */
class ScheduleConfigTest {
  private static final BatchPlan PLAN = new BatchPlan(1024, 10, 64, 4, 16);

  private static ScheduleConfig config(
      ScheduleType type, double warmupEpochs, List<Integer> milestones) {
    return new ScheduleConfig(type, 4e-4, 2e-6, 1e-5, warmupEpochs, milestones, 0.1);
  }

  @Test
  void scalesEveryRateToTheBatch() {
    LearningRateSchedule schedule = config(ScheduleType.COSINE, 2, List.of()).forRun(PLAN);

    assertThat(schedule.afterUpdate(0)).isEqualTo(1e-6);
    assertThat(schedule.afterUpdate(PLAN.totalSteps())).isEqualTo(5e-6);
    assertThat(schedule.afterUpdate(4)).isCloseTo((1e-6 + 2e-4) / 2, within(1e-12));
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
  void startsAtTheBaseRateWithoutWarmUp() {
    assertThat(config(ScheduleType.COSINE, 0, List.of()).forRun(PLAN).ofStep(0)).isEqualTo(2e-4);
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertRefused(
        () -> config(ScheduleType.MULTISTEP, 6, List.of(5)),
        "warmup-epochs must be at most the first milestone 5: 6.0");
    assertRefused(
        () -> config(ScheduleType.MULTISTEP, 0, List.of()),
        "milestones of a multistep schedule must not be empty");
    assertRefused(
        () -> config(ScheduleType.MULTISTEP, 0, List.of(5, 5)),
        "milestones must be at least 1 and ascending: [5, 5]");
    assertRefused(
        () -> config(ScheduleType.COSINE, -1, List.of()), "warmup-epochs must be at least 0: -1.0");
    assertRefused(
        () -> new ScheduleConfig(ScheduleType.COSINE, -1e-4, 0, 0, 0, List.of(), 1),
        "base-learning-rate must be at least 0: -1.0E-4");
  }

  private static void assertRefused(Runnable construction, String message) {
    assertThatThrownBy(construction::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}

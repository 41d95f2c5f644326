package io.simmim.trainer.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.simmim.schemas.BatchPlan;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CosineAfterWarmupScheduleTest {
  private static final double ROUNDING = 1e-10; // per cent

  /** MAE's 1.5e-4 per 256 images, for a batch of 1024: 20 epochs of 4 steps, 5 of them warm-up. */
  private static final LearningRateSchedule MAE =
      new ScheduleConfig(
              ScheduleType.COSINE_AFTER_WARMUP, 256, 1.5e-4, 0, 0, 5, List.of(), List.of(), 0.1, 10)
          .forRun(new BatchPlan(4096, 20, 256, 4, 16));

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 2.9999999999999997e-05",
    "19, 0.00057",
    "20, 0.0006",
    "21, 0.000599588860426372",
    "37, 0.0004887961173149512",
    "50, 0.0003",
    "79, 4.1113957362785e-07"
  })
  void followsTheFormulaOfTheOfficialCode(long step, double rate) {
    assertThat(MAE.ofStep(step)).isCloseTo(rate, withinPercentage(ROUNDING));
  }

  @Test
  void endsAtTheMinimum() {
    LearningRateSchedule schedule = new CosineAfterWarmupSchedule(new WarmUp(0, 1, 2), 0.25, 6);

    assertThat(schedule.afterUpdate(4)).isCloseTo(0.625, withinPercentage(ROUNDING));
    assertThat(schedule.afterUpdate(6)).isEqualTo(0.25);
    assertThat(schedule.afterUpdate(60)).isEqualTo(0.25);
  }

  @Test
  void isWarmUpOnlyWhereThatFillsTheRun() {
    LearningRateSchedule schedule = new CosineAfterWarmupSchedule(new WarmUp(0, 1, 4), 0.25, 4);

    assertThat(schedule.afterUpdate(3)).isEqualTo(0.75);
    assertThat(schedule.afterUpdate(4)).isEqualTo(0.25);
  }
}

package io.simmim.trainer.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConstantScheduleTest {
  @Test
  void keepsTheBaseRateAfterTheWarmUp() {
    LearningRateSchedule schedule = new ConstantSchedule(new WarmUp(0.25, 1, 4));

    assertThat(schedule.afterUpdate(0)).isEqualTo(0.25);
    assertThat(schedule.afterUpdate(2)).isEqualTo(0.625);
    assertThat(schedule.afterUpdate(4)).isEqualTo(1);
    assertThat(schedule.afterUpdate(Long.MAX_VALUE)).isEqualTo(1);
  }
}

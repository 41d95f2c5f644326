package io.simmim.trainer.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class WarmupStableDecayScheduleTest {
  private static final WarmUp WARM_UP = new WarmUp(0, 1, 4);

  @Test
  void fallsToTheMinimumInAStraightLine() {
    LearningRateSchedule schedule = new WarmupStableDecaySchedule(WARM_UP, 0.5, 100, 4);

    assertThat(schedule.afterUpdate(2)).isEqualTo(0.5);
    assertThat(schedule.afterUpdate(4)).isEqualTo(1);
    assertThat(schedule.afterUpdate(100)).isEqualTo(1);
    assertThat(schedule.afterUpdate(101)).isEqualTo(0.875);
    assertThat(schedule.afterUpdate(103)).isEqualTo(0.625);
    assertThat(schedule.afterUpdate(104)).isEqualTo(0.5);
    assertThat(schedule.afterUpdate(Long.MAX_VALUE)).isEqualTo(0.5);
  }

  @Test
  void continuesAConstantScheduleWhereverItIsLeft() {
    LearningRateSchedule endless = new ConstantSchedule(WARM_UP);

    for (long start = 0; start < 10; start++) {
      LearningRateSchedule decayed = new WarmupStableDecaySchedule(WARM_UP, 0, start, 10);
      for (long t = 0; t <= start; t++) {
        assertThat(decayed.afterUpdate(t)).isEqualTo(endless.afterUpdate(t));
      }
      assertThat(decayed.afterUpdate(start + 5)).isEqualTo(endless.afterUpdate(start) / 2);
    }
  }

  @Test
  void refusesADecayOfNoUpdates() {
    assertThatThrownBy(() -> new WarmupStableDecaySchedule(WARM_UP, 0, 7, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the decay must start at 0 or later and last 1 update or more: 7, 0");
  }
}

package io.simmim.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.evaluation.ModelCopy;
import io.simmim.schemas.evaluation.ModelCopy.Stage;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class CopyScheduleTest {
  /** Three epochs of five steps. */
  private static final BatchPlan PLAN = new BatchPlan(20, 3, 4, 1, 4);

  private static List<ModelCopy> copies(CopySchedule schedule) {
    return LongStream.rangeClosed(1, PLAN.totalSteps())
        .mapToObj(step -> schedule.after(step, PLAN))
        .flatMap(Optional::stream)
        .toList();
  }

  @Test
  void isOffUnlessSomethingIsWanted() {
    assertThat(CopySchedule.NEVER.isOn()).isFalse();
    assertThat(copies(CopySchedule.NEVER)).isEmpty();
  }

  @Test
  void picturesFollowStepsAndTheLastOne() {
    assertThat(copies(new CopySchedule(7, 0)))
        .containsExactly(
            new ModelCopy(7, 1, true, false, Stage.DUE),
            new ModelCopy(14, 2, true, false, Stage.DUE),
            new ModelCopy(15, 2, true, false, Stage.DUE));
  }

  @Test
  void measurementsFollowEpochsAndTheLastStep() {
    assertThat(copies(new CopySchedule(0, 2)))
        .containsExactly(
            new ModelCopy(10, 1, false, true, Stage.DUE),
            new ModelCopy(15, 2, false, true, Stage.DUE));
  }

  @Test
  void oneCopyIsEnoughForBoth() {
    assertThat(copies(new CopySchedule(10, 2)))
        .containsExactly(
            new ModelCopy(10, 1, true, true, Stage.DUE),
            new ModelCopy(15, 2, true, true, Stage.DUE));
  }
}

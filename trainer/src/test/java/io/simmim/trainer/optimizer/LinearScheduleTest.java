package io.simmim.trainer.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinearScheduleTest {
  /** Ends at a hundredth of its base rate, as the official code's. */
  private static final LearningRateSchedule OFFICIAL =
      new LinearSchedule(new WarmUp(4e-6, 8e-4, 6), 8e-6, 46);

  @ParameterizedTest
  @CsvSource({
    "0, 4e-06",
    "5, 0.0006673333333333333",
    "6, 0.0008",
    "7, 0.0007802",
    "26, 0.000404",
    "45, 2.7799999999999997e-05"
  })
  void followsTheFormulaOfTheOfficialCode(long update, double rate) {
    assertThat(OFFICIAL.afterUpdate(update)).isCloseTo(rate, withinPercentage(1e-10));
  }

  @Test
  void staysAtTheMinimum() {
    assertThat(OFFICIAL.afterUpdate(46)).isEqualTo(8e-6);
    assertThat(OFFICIAL.afterUpdate(460)).isEqualTo(8e-6);
  }
}

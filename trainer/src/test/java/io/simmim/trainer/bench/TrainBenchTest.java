package io.simmim.trainer.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.trainer.loop.SmallModel;
import org.junit.jupiter.api.Test;

class TrainBenchTest {
  @Test
  void reportsTheThroughputOfTheMedianStep() {
    TrainBench.Result result;
    try (TrainBench bench = new TrainBench(SmallModel.config(), 2, 2)) {
      result = bench.run(2, 4);
    }

    assertThat(result.medianMillis()).isPositive();
    assertThat(result.imagesPerSecond() * result.medianMillis()).isCloseTo(2000, within(1e-6));
    assertThat(result.loss()).isBetween(0.1, 3.0);
  }

  @Test
  void refusesToTimeNothing() {
    try (TrainBench bench = new TrainBench(SmallModel.config(), 2, 2)) {
      assertThatThrownBy(() -> bench.run(2, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("batch and steps must be at least 1: 2, 0");
    }
  }
}

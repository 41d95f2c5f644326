package io.simmim.pipeline.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeConfigTest {
  @TempDir private Path folder;

  @Test
  void warmsUpAndFallsToZeroAlongHalfACosine() {
    ProbeConfig config = config(OptionalInt.empty());

    // A batch of 512 doubles the rates; 10 of 90 steps are warm-up.
    assertThat(config.factor(0, 90, 512)).isZero();
    assertThat(config.factor(5, 90, 512)).isCloseTo(1, within(1e-12));
    assertThat(config.factor(10, 90, 512)).isCloseTo(2, within(1e-12));
    assertThat(config.factor(50, 90, 512)).isCloseTo(1, within(1e-12));
    assertThat(config.factor(89, 90, 512)).isBetween(0.0, 0.001);
    assertThat(config.factor(0, 1, 256)).isEqualTo(1);
  }

  @Test
  void takesSmallBatchesOfSmallSets() {
    ProbeConfig config = config(OptionalInt.empty());

    assertThat(List.of(10, 100, 5000, 1_281_167).stream().map(config::batch))
        .containsExactly(10, 16, 312, 1024);
    assertThat(config(OptionalInt.of(4096)).batch(5000)).isEqualTo(4096);
    assertThat(config(OptionalInt.of(4096)).batch(300)).isEqualTo(300);
  }

  private ProbeConfig config(OptionalInt batch) {
    return new ProbeConfig(90, batch, List.of(0.1), 0, folder);
  }
}

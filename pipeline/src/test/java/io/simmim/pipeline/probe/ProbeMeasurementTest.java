package io.simmim.pipeline.probe;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import java.nio.file.Path;
import java.util.Collections;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeMeasurementTest {
  private static final long MACHINE = 64L << 30;

  @TempDir private Path folder;

  /** Of ImageNet in all layers of a ViT-B; classifiers and moments alone are 1 GB. */
  private void requireMemory(int threads, OptionalInt batch, long machine) {
    ProbeConfig probe = new ProbeConfig(90, batch, ProbeConfig.USUAL_RATES, 0, folder);
    new ProbeMeasurement(probe, threads, "cpu", line -> {})
        .requireMemory(Collections.nCopies(24, 768), 1000, 1_281_167, machine);
  }

  @Test
  void refusesBatchesThatNeedMoreMemoryThanThereIs() {
    assertThatCode(() -> requireMemory(64, OptionalInt.empty(), MACHINE))
        .doesNotThrowAnyException();
    assertThatCode(() -> requireMemory(1, OptionalInt.of(65_536), MACHINE))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> requireMemory(64, OptionalInt.of(65_536), MACHINE))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "classifiers of all layers, classes and learning rates need 104.6 GB with batches of"
                + " 65536 images, more than half of this machine's memory: fewer --rates, a"
                + " smaller --batch or fewer --threads need less");
  }

  @Test
  void refusesMoreClassifiersThanMemory() {
    assertThatThrownBy(() -> requireMemory(1, OptionalInt.empty(), 2L << 30))
        .isInstanceOf(UserError.class);
  }
}

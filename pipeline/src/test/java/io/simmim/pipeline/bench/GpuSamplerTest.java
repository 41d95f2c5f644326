package io.simmim.pipeline.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpuSamplerTest {
  @TempDir private Path folder;

  @Test
  void averagesWhatTheToolPrints() throws IOException {
    Path tool = folder.resolve("nvidia-smi");
    Files.writeString(
        tool, "#!/bin/sh\necho '90, 1000'\necho '[N/A], [N/A]'\necho '70, 3000'\nexec sleep 600\n");
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwx------"));

    try (GpuSampler sampler = GpuSampler.start(tool.toString(), "0")) {
      await()
          .untilAsserted(
              () -> assertThat(sampler.idleShare().orElse(0)).isCloseTo(0.2, Offset.offset(1e-9)));
      assertThat(sampler.memoryMib()).hasValue(3000);

      sampler.reset();

      assertThat(sampler.idleShare()).isEmpty();
    }
  }

  @Test
  void samplesTheCardThatTheProcessSeesUnderTheNumber() {
    assertThat(GpuSampler.card(0, null)).isEqualTo("0");
    assertThat(GpuSampler.card(1, null)).isEqualTo("1");
    assertThat(GpuSampler.card(0, "3")).isEqualTo("3");
    assertThat(GpuSampler.card(1, "3, GPU-8932f937")).isEqualTo("GPU-8932f937");
    assertThat(GpuSampler.card(0, "")).isEqualTo("0");
  }

  @Test
  void tellsNothingWhereTheToolIsNot() {
    try (GpuSampler sampler = GpuSampler.start(folder.resolve("none").toString(), "0")) {
      assertThat(sampler.idleShare()).isEmpty();
      assertThat(sampler.memoryMib()).isEmpty();
    }
  }
}

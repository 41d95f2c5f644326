package io.simmim.pipeline.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.config.ConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskReportTest {
  @TempDir private Path folder;

  @Test
  void namesStrategyAndAvgDistOfTheRunsOwnMasks() {
    String random = line("mask.patch-size=32", "mask.ratio=0.6");

    // The recording of this strategy, avg_dist.json, has 15.31.
    assertThat(random)
        .matches(
            "masks random, patches of 32 pixels, ratio 0\\.6: AvgDist 15\\.\\d\\d pixels \\(mean of"
                + " 1000\\)");
    assertThat(line("seed=1")).isNotEqualTo(random);
  }

  @Test
  void aMaskOfAFileHasOneAvgDist() throws IOException {
    Path file = Files.writeString(folder.resolve("mask.txt"), "10\n10\n");

    // Columns of 96 pixels at 1 to 96 pixels from the visible half.
    assertThat(line("mask.strategy=file", "mask.patch-size=96", "mask.file=" + file))
        .isEqualTo(
            "masks from file %s, patches of 96 pixels: AvgDist 48.50 pixels (mean of 1)", file);
  }

  private static String line(String... assignments) {
    return MaskReport.line(new ConfigLoader().set(List.of(assignments)).load().config());
  }
}

package io.simmim.pipeline.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceBenchTest {
  private final List<String> said = new ArrayList<>();

  private boolean run(Duration time) {
    return DeviceBench.run(
        new DeviceBench.Plan("cpu", List.of("vit-tiny"), List.of(1, 2), 1, 1, time), said::add);
  }

  @Test
  void saysARowForEachMeasurement() {
    assertThat(run(Duration.ofMinutes(10))).isTrue();

    assertThat(said.subList(1, said.size()))
        .hasSize(8)
        .allMatch(row -> row.matches("\\| `vit-tiny` \\| (bf16|fp32) \\| (0\\.[0-9]+|none) .*"))
        .filteredOn(row -> row.contains("same bits"))
        .hasSize(4)
        .allMatch(row -> row.contains("| 1 | "));
  }

  @Test
  void namesWhatItHasNoTimeFor() {
    assertThat(run(Duration.ZERO)).isTrue();

    assertThat(said).hasSize(3);
    assertThat(said.get(2))
        .startsWith("Not measured, for lack of time: `vit-tiny` bf16 ")
        .endsWith("; `vit-tiny` fp32 none 1; `vit-tiny` fp32 none 2.");
  }
}

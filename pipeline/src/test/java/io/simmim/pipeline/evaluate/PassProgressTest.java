package io.simmim.pipeline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PassProgressTest {
  private static final long SECOND = 1_000_000_000;

  private final List<String> said = new ArrayList<>();
  private long now;

  @Test
  void tellsRateAndRestEveryFewSeconds() {
    PassProgress progress = new PassProgress("--input", 100, said::add, () -> now);

    now = 4 * SECOND;
    progress.add(10, List.of());
    now = 10 * SECOND;
    progress.add(10, List.of());
    now = 11 * SECOND;
    progress.add(10, List.of());

    assertThat(said).containsExactly("--input: 20/100 images  2.0 img/s  ETA 0:00:40");
  }

  /** As of chunks whose images have no class. */
  @Test
  void tellsNoRateWhileNothingIsCounted() {
    PassProgress progress = new PassProgress("--input", 100, said::add, () -> now);

    now = 6 * SECOND;
    progress.add(0, List.of());

    assertThat(said).containsExactly("--input: 0/100 images");
  }
}

package io.simmim.operators.source.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.source.split.Shuffle;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FetchConfigTest {
  @Test
  void hasDefaultsForManySmallObjects() {
    assertThat(FetchConfig.defaults())
        .isEqualTo(
            new FetchConfig(
                16, 67_108_864, 268_435_456, 5, Duration.ofMillis(200), Duration.ofSeconds(60), 0));
  }

  @Test
  void asksForEightImagesForEveryThreadAndTheChunkBeingEmitted() {
    assertThat(FetchConfig.defaults().chunksPerReader(Shuffle.SAMPLE, 16)).isEqualTo(9);
    assertThat(FetchConfig.defaults().chunksPerReader(Shuffle.SAMPLE, 1)).isEqualTo(129);
    assertThat(FetchConfig.defaults().chunksPerReader(Shuffle.SAMPLE, 100)).isEqualTo(3);
    assertThat(FetchConfig.defaults().chunksPerReader(Shuffle.BLOCK, 16)).isEqualTo(17);
  }

  @Test
  void opensAWindowTwiceAsLongAsWhatReadersHoldWithinLimits() {
    FetchConfig chosen = FetchConfig.defaults();
    assertThat(chosen.windowChunks(1, Shuffle.SAMPLE, 16)).isEqualTo(64);
    assertThat(chosen.windowChunks(8, Shuffle.SAMPLE, 16)).isEqualTo(144);
    assertThat(chosen.windowChunks(4, Shuffle.BLOCK, 16)).isEqualTo(136);
    assertThat(chosen.windowChunks(1000, Shuffle.SAMPLE, 1)).isEqualTo(256);
    assertThat(chosen.largestWindowChunks()).isEqualTo(256);

    FetchConfig given = new FetchConfig(16, 1, 1, 1, Duration.ZERO, Duration.ofSeconds(1), 1000);
    assertThat(given.windowChunks(2, Shuffle.SAMPLE, 16)).isEqualTo(1000);
    assertThat(given.largestWindowChunks()).isEqualTo(1000);
  }

  @Test
  void refusesWhatCannotWork() {
    refuses("fetch.concurrency must be at least 1: 0", 0, 1, 1, 1, Duration.ZERO, 1, 1);
    refuses("fetch.concurrency must be at most 1024: 1025", 1025, 1, 1, 1, Duration.ZERO, 1, 1);
    refuses("fetch.bytes-in-flight must be at least 1: 0", 1, 0, 1, 1, Duration.ZERO, 1, 1);
    refuses(
        "fetch.max-object-bytes must be from 1 to 2147483639: 2147483640",
        1,
        1,
        2_147_483_640L,
        1,
        Duration.ZERO,
        1,
        1);
    refuses("fetch.attempts must be at least 1: 0", 1, 1, 1, 0, Duration.ZERO, 1, 1);
    refuses("fetch.backoff must not be negative: -1 s", 1, 1, 1, 1, Duration.ofSeconds(-1), 1, 1);
    refuses("fetch.timeout must be at least 1ms: 0ms", 1, 1, 1, 1, Duration.ZERO, 0, 1);
    refuses("fetch.window-chunks must be from 0 to 1024: -1", 1, 1, 1, 1, Duration.ZERO, 1, -1);
    refuses("fetch.window-chunks must be from 0 to 1024: 1025", 1, 1, 1, 1, Duration.ZERO, 1, 1025);
  }

  private static void refuses(
      String message,
      int concurrency,
      long bytesInFlight,
      long maxObjectBytes,
      int attempts,
      Duration backoff,
      long timeoutMillis,
      int windowChunks) {
    assertThatThrownBy(
            () ->
                new FetchConfig(
                    concurrency,
                    bytesInFlight,
                    maxObjectBytes,
                    attempts,
                    backoff,
                    Duration.ofMillis(timeoutMillis),
                    windowChunks))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}

package io.simmim.schemas.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RetryTest {
  @Test
  void waitsDoubleUpToTenSeconds() {
    Retry retry = new Retry(5, Duration.ofMillis(200));

    assertThat(IntStream.rangeClosed(1, 8).mapToLong(retry::longestMillis))
        .containsExactly(200L, 400L, 800L, 1600L, 3200L, 6400L, 10_000L, 10_000L);
    assertThat(retry.longestMillis(Integer.MAX_VALUE)).isEqualTo(10_000);
    assertThat(new Retry(1, Duration.ofDays(100_000)).longestMillis(60)).isEqualTo(10_000);
    assertThat(new Retry(1, Duration.ZERO).longestMillis(60)).isZero();
  }

  @Test
  void countsTheFirstTry() {
    Retry retry = new Retry(2, Duration.ZERO);

    assertThat(retry.isLast(1)).isFalse();
    assertThat(retry.isLast(2)).isTrue();
  }

  @Test
  void aWaitIsEndedFromOutside() {
    CountDownLatch ended = new CountDownLatch(1);
    ended.countDown();

    assertThatThrownBy(() -> new Retry(2, Duration.ofDays(1)).pause(1, ended))
        .isInstanceOf(InterruptedException.class);
  }
}

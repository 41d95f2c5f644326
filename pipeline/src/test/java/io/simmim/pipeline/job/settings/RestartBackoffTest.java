package io.simmim.pipeline.job.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.executiongraph.failover.RestartBackoffTimeStrategy;
import org.apache.flink.runtime.executiongraph.failover.RestartBackoffTimeStrategyFactoryLoader;
import org.junit.jupiter.api.Test;

class RestartBackoffTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private static Configuration settings() {
    Configuration settings = new Configuration();
    RestartBackoff.configure(new Configuration(), settings);
    return settings;
  }

  @Test
  void triesForAboutAnHour() {
    RestartBackoff backoff = new RestartBackoff();
    List<Long> seconds = new ArrayList<>();
    Instant now = START;
    for (int i = 0; i < RestartBackoff.ATTEMPTS; i++) {
      backoff.failed(now);
      seconds.add(backoff.delay().toSeconds());
      now = now.plus(backoff.delay()).plusMillis(1);
    }

    assertThat(seconds.subList(0, 10))
        .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 64L, 128L, 256L, 300L);
    assertThat(Duration.between(START, now))
        .isBetween(Duration.ofMinutes(60), Duration.ofMinutes(65));
    assertThat(backoff.inARow()).isEqualTo(RestartBackoff.ATTEMPTS);
  }

  @Test
  void countsSeveralTasksOfOneFailureOnce() {
    RestartBackoff backoff = new RestartBackoff();
    backoff.failed(START);
    backoff.failed(START.plusMillis(900));

    assertThat(backoff.inARow()).isEqualTo(1);
  }

  @Test
  void countsAnewAfterACalm() {
    RestartBackoff backoff = new RestartBackoff();
    backoff.failed(START);
    backoff.failed(START.plusSeconds(5));
    backoff.failed(START.plusSeconds(5).plus(Duration.ofMinutes(11)));

    assertThat(backoff.inARow()).isEqualTo(1);
    assertThat(backoff.delay()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void isWhatFlinkDoesWithTheSettings() throws Exception {
    RestartBackoffTimeStrategy flink =
        RestartBackoffTimeStrategyFactoryLoader.createRestartBackoffTimeStrategyFactory(
                settings(), settings(), true)
            .create();
    RestartBackoff ours = new RestartBackoff();
    ours.failed(START);
    // At once: what comes when the delay is over is a failure of its own.
    boolean first = flink.notifyFailure(new IllegalStateException());
    boolean second = flink.notifyFailure(new IllegalStateException());
    long delay = flink.getBackoffTime();

    assertThat(List.of(first, second)).containsExactly(true, false);
    assertThat(delay).isBetween(1L, ours.delay().toMillis());
    assertThat(flink.canRestart()).isTrue();
    assertThat(flink.toString())
        .contains("initialBackoffMS=1000", "maxBackoffMS=300000", "backoffMultiplier=2.0")
        .contains("resetBackoffThresholdMS=600000", "jitterFactor=0.0");
  }

  @Test
  void leavesTheUsersOwnStrategyAlone() {
    Configuration told = new Configuration();
    told.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    Configuration settings = new Configuration();
    RestartBackoff.configure(told, settings);

    assertThat(settings.toMap()).isEmpty();
    assertThat(RestartBackoff.isIn(told)).isFalse();
    assertThat(RestartBackoff.isIn(settings())).isTrue();
  }
}

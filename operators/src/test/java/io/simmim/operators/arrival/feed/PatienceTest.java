package io.simmim.operators.arrival.feed;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private final Patience patience = new Patience(Duration.ofMinutes(1));

  private boolean endsAfter(Duration time) {
    return patience.ends(Long.MAX_VALUE - 5 + time.toNanos()); // the clock may overflow
  }

  @Test
  void endsWhenItWasLookedAtForItsTime() {
    for (int seconds = 0; seconds <= 60; seconds += 10) {
      assertThat(endsAfter(Duration.ofSeconds(seconds))).isFalse();
    }
    assertThat(endsAfter(Duration.ofSeconds(61))).isTrue();
  }

  @Test
  void doesNotCountTheTimeInWhichNobodyLooked() {
    assertThat(endsAfter(Duration.ZERO)).isFalse();
    for (int hours = 1; hours <= 4; hours++) {
      assertThat(endsAfter(Duration.ofHours(hours))).isFalse();
    }
    assertThat(endsAfter(Duration.ofHours(5))).isTrue();
  }

  @Test
  void isToldAsPeopleWriteTimes() {
    assertThat(patience).hasToString("1 min");
  }

  @Test
  void beginsAnewWhenItHasPassed() {
    assertThat(patience.isTried()).isFalse();
    for (int seconds = 0; seconds <= 60; seconds += 10) {
      endsAfter(Duration.ofSeconds(seconds));
    }
    assertThat(patience.isTried()).isTrue();
    patience.renew();

    assertThat(patience.isTried()).isFalse();
    assertThat(endsAfter(Duration.ofSeconds(70))).isFalse();
    assertThat(endsAfter(Duration.ofSeconds(80))).isFalse();
  }
}

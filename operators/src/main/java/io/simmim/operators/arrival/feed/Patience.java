package io.simmim.operators.arrival.feed;

import io.simmim.schemas.text.Amount;
import java.time.Duration;

/**
 * How long something that may pass is waited for. Only time in which it was looked at counts: a
 * feed that is not polled for hours, as too many images wait, or whose brokers do not answer, may
 * look twice before its patience ends.
 *
 * <p>Not thread-safe.
 */
final class Patience {
  /** As much counts between two looks at most: a poll takes less. */
  static final Duration LONGEST_STEP = Duration.ofSeconds(15);

  private final Duration limit;
  private boolean tried;
  private long lastNanos;
  private long waitedNanos;

  Patience(Duration limit) {
    this.limit = limit;
  }

  /** Whether something is waited for. */
  boolean isTried() {
    return tried;
  }

  /**
   * Notes that it has not passed yet.
   *
   * @param nowNanos as {@link System#nanoTime} tells
   * @return whether the patience is at its end
   */
  boolean ends(long nowNanos) {
    if (tried) {
      waitedNanos += Math.min(nowNanos - lastNanos, LONGEST_STEP.toNanos());
    }
    tried = true;
    lastNanos = nowNanos;
    return waitedNanos > limit.toNanos();
  }

  /** Notes that it has passed. */
  void renew() {
    tried = false;
    waitedNanos = 0;
  }

  @Override
  public String toString() {
    return Amount.of(limit);
  }
}

package io.simmim.pipeline.report.serve;

import io.simmim.pipeline.report.story.StoredRun;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that goes on whenever somebody looks at it. */
final class SlowClock extends Clock {
  private final Duration step;
  private Instant now = StoredRun.BEGINNING;
  private Duration set = Duration.ZERO;

  SlowClock(Duration step) {
    this.step = step;
  }

  Instant now() {
    return now;
  }

  void pass(Duration time) {
    now = now.plus(time);
  }

  /** Somebody sets it, so that it tells so much later or earlier; no time passes. */
  void set(Duration later) {
    set = set.plus(later);
  }

  @Override
  public Instant instant() {
    return look().plus(set);
  }

  /** As {@link System#nanoTime}, which nobody can set. */
  long nanoTime() {
    return Duration.between(StoredRun.BEGINNING, look()).toNanos();
  }

  private Instant look() {
    Instant seen = now;
    now = now.plus(step);
    return seen;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException();
  }
}

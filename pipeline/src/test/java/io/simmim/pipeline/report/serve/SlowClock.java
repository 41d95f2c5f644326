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

  SlowClock(Duration step) {
    this.step = step;
  }

  Instant now() {
    return now;
  }

  void pass(Duration time) {
    now = now.plus(time);
  }

  @Override
  public Instant instant() {
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

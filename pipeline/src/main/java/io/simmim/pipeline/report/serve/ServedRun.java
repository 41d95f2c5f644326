package io.simmim.pipeline.report.serve;

import io.simmim.pipeline.report.story.RunReader;
import io.simmim.pipeline.report.story.RunReport;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * A run that is looked at again and again. It is read when somebody asks, but no more often than is
 * worth it: a run of months has a long {@code metrics.jsonl}, which may be on object storage.
 * Thread-safe.
 */
final class ServedRun {
  /** A run gives a sign of life every 5 seconds. */
  private static final Duration LEAST_AGE = Duration.ofSeconds(4);

  /** Reading all runs together takes at most this part of the time. */
  private static final int SHARE = 20;

  private final String output;
  private final Clock clock;
  private RunReport report;
  private Instant next = Instant.MIN;

  /**
   * A run that has yet to be read.
   *
   * @param output of the run
   */
  ServedRun(String output, Clock clock) {
    this.output = output;
    this.clock = clock;
  }

  String output() {
    return output;
  }

  /**
   * The run as it was a moment ago.
   *
   * @param runs that are read for the same page, this one included
   * @throws io.simmim.schemas.UserError if it is none, or no longer
   */
  synchronized RunReport report(int runs) {
    Instant begin = clock.instant();
    if (report == null || !begin.isBefore(next)) {
      report = RunReader.read(output, clock);
      Duration took = Duration.between(begin, clock.instant());
      Duration age = took.multipliedBy((long) SHARE * runs);
      next = begin.plus(age.compareTo(LEAST_AGE) > 0 ? age : LEAST_AGE);
    }
    return report;
  }
}

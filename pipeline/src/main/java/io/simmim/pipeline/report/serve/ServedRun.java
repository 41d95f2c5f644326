package io.simmim.pipeline.report.serve;

import io.simmim.pipeline.report.story.RunReader;
import io.simmim.pipeline.report.story.RunReport;
import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;

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
  private final LongSupplier nanoTime;
  private RunReport report;
  private long next;

  /**
   * A run that has yet to be read.
   *
   * @param output of the run
   * @param clock tells how long ago the run did something
   * @param nanoTime tells how long ago it was read; goes on evenly when the clock is set
   */
  ServedRun(String output, Clock clock, LongSupplier nanoTime) {
    this.output = output;
    this.clock = clock;
    this.nanoTime = nanoTime;
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
    long begin = nanoTime.getAsLong();
    if (report == null || begin - next >= 0) {
      report = RunReader.read(output, clock);
      long took = nanoTime.getAsLong() - begin;
      next = begin + Math.max(took * SHARE * runs, LEAST_AGE.toNanos());
    }
    return report;
  }
}

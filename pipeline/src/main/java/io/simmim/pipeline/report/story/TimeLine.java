package io.simmim.pipeline.report.story;

import io.simmim.schemas.timing.DataWait;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.LongPredicate;

/** Adds up where the time went, step by step. */
final class TimeLine {
  static final int MOST_INTERRUPTIONS = 50;

  /** Checkpoints and exports keep a trainer for less. */
  private static final double LEAST_SECONDS = 5;

  /** Of a usual step, where steps are long. */
  private static final double LEAST_STEPS = 3;

  private static final double SMOOTHING = 0.05;

  private final LongPredicate isValidated;
  private final LongPredicate isRestarted;
  private final PriorityQueue<Interruption> longest =
      new PriorityQueue<>(Comparator.comparing(Interruption::lasted));

  private double computing;
  private double fetching;
  private double decoding;
  private double network;
  private double undivided;
  private double validating;
  private double interrupted;
  private double between;
  private long interruptions;
  private double usual = Double.NaN;
  private long lastStep;
  private Instant lastEnd;

  /**
   * @param isValidated whether the model was measured after a step
   * @param isRestarted whether the run went on from a checkpoint after a step
   */
  TimeLine(LongPredicate isValidated, LongPredicate isRestarted) {
    this.isValidated = isValidated;
    this.isRestarted = isRestarted;
  }

  /**
   * Takes the next step.
   *
   * @param seconds that it took; NaN if that is not known
   * @param waitShare part of them; NaN if it is not known
   * @param parts how that is divided; NaN if it is not known
   */
  void add(long step, Instant end, double seconds, double waitShare, DataWait parts) {
    double took = seconds;
    if (lastEnd != null) {
      double passed = Math.max(0, Duration.between(lastEnd, end).toMillis() / 1e3);
      took = Double.isNaN(seconds) ? passed : Math.min(seconds, passed);
      pause(passed - took);
    }
    if (!Double.isNaN(took)) {
      double waited = Double.isNaN(waitShare) ? 0 : took * Math.min(1, Math.max(0, waitShare));
      divide(waited, parts);
      computing += took - waited;
      usual = Double.isNaN(usual) ? took : usual + SMOOTHING * (took - usual);
    }
    lastStep = step;
    lastEnd = end;
  }

  /** By the proportions of the parts, which are rounded. */
  private void divide(double waited, DataWait parts) {
    boolean known = parts.fetching() >= 0 && parts.decoding() >= 0 && parts.network() >= 0;
    if (!known) {
      undivided += waited;
    } else if (parts.total() == 0) {
      network += waited;
    } else {
      fetching += waited * parts.fetching() / parts.total();
      decoding += waited * parts.decoding() / parts.total();
      network += waited * parts.network() / parts.total();
    }
  }

  private void pause(double seconds) {
    double least = Math.max(LEAST_SECONDS, Double.isNaN(usual) ? 0 : LEAST_STEPS * usual);
    boolean restarted = isRestarted.test(lastStep);
    if (seconds < least && !restarted) {
      between += seconds;
      return;
    }
    boolean validation = isValidated.test(lastStep) && !restarted;
    if (validation) {
      validating += seconds;
    } else {
      interrupted += seconds;
      interruptions++;
    }
    longest.add(new Interruption(lastStep, lastEnd, duration(seconds), validation));
    if (longest.size() > MOST_INTERRUPTIONS) {
      longest.remove();
    }
  }

  TimeSpent result() {
    return new TimeSpent(
        duration(computing),
        new TimeSpent.Waiting(
            duration(fetching), duration(decoding), duration(network), duration(undivided)),
        duration(validating),
        duration(interrupted),
        duration(between),
        interruptions,
        longest.stream().sorted(Comparator.comparingLong(Interruption::afterStep)).toList());
  }

  private static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1e3));
  }
}

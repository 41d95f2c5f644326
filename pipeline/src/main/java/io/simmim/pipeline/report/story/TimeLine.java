package io.simmim.pipeline.report.story;

import io.simmim.pipeline.report.checkpoint.Restart;
import io.simmim.pipeline.report.story.Interruption.Kind;
import io.simmim.schemas.checkpoint.Reached;
import io.simmim.schemas.timing.DataWait;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.LongFunction;
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
  private final LongFunction<List<Restart>> restartsAfter;
  private final PriorityQueue<Interruption> longest =
      new PriorityQueue<>(Comparator.comparing(Interruption::lasted));

  private double computing;
  private double fetching;
  private double decoding;
  private double network;
  private double undivided;
  private double validating;
  private double lost;
  private long lostSteps;
  private double down;
  private double unknown;
  private double stalled;
  private double between;
  private long interruptions;
  private double usual = Double.NaN;
  private long lastStep;
  private Instant lastEnd;

  /**
   * @param isValidated whether the model was measured after a step
   * @param restartsAfter how often the run went on from a checkpoint after a step, in order
   */
  TimeLine(LongPredicate isValidated, LongFunction<List<Restart>> restartsAfter) {
    this.isValidated = isValidated;
    this.restartsAfter = restartsAfter;
  }

  /**
   * Takes the next step.
   *
   * @param seconds that it took, of which no more count than there were since the one before, or
   *     since 1970; NaN if that is not known
   * @param waitShare part of them; NaN if it is not known
   * @param parts how that is divided; NaN if it is not known
   */
  void add(long step, Instant end, double seconds, double waitShare, DataWait parts) {
    Instant from = lastEnd == null ? Instant.EPOCH : lastEnd;
    double passed = Math.max(0, Duration.between(from, end).toMillis() / 1e3);
    double took = Math.max(0, Math.min(seconds, passed));
    if (lastEnd != null) {
      took = Double.isNaN(seconds) ? passed : took;
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
    List<Restart> restarts = restartsAfter.apply(lastStep);
    if (!restarts.isEmpty()) {
      interrupted(restarted(seconds, restarts));
    } else if (seconds < least) {
      between += seconds;
    } else if (isValidated.test(lastStep)) {
      validating += seconds;
    } else {
      stalled += seconds;
      interrupted(interruption(seconds, Kind.STALL));
    }
  }

  /**
   * What was trained behind the checkpoint, once or, if the run failed again before the next one,
   * several times: from the end of the step, or from when it went on, to the last step that was
   * noted. The rest is time in which nobody trained, as far as is known.
   */
  private Interruption restarted(double seconds, List<Restart> restarts) {
    if (restarts.stream().allMatch(restart -> restart.before().isEmpty())) {
      unknown += seconds;
      return interruption(seconds, Kind.RESTART_UNDIVIDED);
    }
    Instant from = lastEnd;
    double trained = 0;
    long steps = 0;
    for (Restart restart : restarts) {
      Optional<Reached> beyond = restart.before().filter(noted -> noted.step() > lastStep);
      if (beyond.isPresent()) {
        Instant until = Instant.ofEpochMilli(beyond.get().epochMillis());
        trained += Math.max(0, Duration.between(from, until).toMillis() / 1e3);
        steps += beyond.get().step() - lastStep;
      }
      from = restart.at();
    }
    trained = Math.min(trained, seconds);
    lost += trained;
    lostSteps += steps;
    down += seconds - trained;
    return new Interruption(
        lastStep, lastEnd, duration(seconds), Kind.RESTART, duration(trained), steps);
  }

  private Interruption interruption(double seconds, Kind kind) {
    return new Interruption(lastStep, lastEnd, duration(seconds), kind, Duration.ZERO, 0);
  }

  private void interrupted(Interruption one) {
    interruptions++;
    longest.add(one);
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
        new TimeSpent.Interrupted(
            duration(lost), lostSteps, duration(down), duration(unknown), duration(stalled)),
        duration(between),
        interruptions,
        longest.stream().sorted(Comparator.comparingLong(Interruption::afterStep)).toList());
  }

  private static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1e3));
  }
}

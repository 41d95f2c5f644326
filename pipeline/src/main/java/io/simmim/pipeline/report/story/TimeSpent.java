package io.simmim.pipeline.report.story;

import java.time.Duration;
import java.util.List;

/**
 * Where the time went, from the beginning of the first step to the end of the last one. It follows
 * from the lines of the metrics alone: each tells when a step ended, how many images it had and how
 * many per second.
 *
 * @param computing in steps that count, without waiting
 * @param waited for data, in such steps
 * @param validating in interruptions after which the model had been measured
 * @param interrupted in other long interruptions
 * @param between in short times between steps
 * @param interruptions how many long ones there were, without validations
 * @param longest of these, in the order of steps; not more than some
 */
public record TimeSpent(
    Duration computing,
    Waiting waited,
    Duration validating,
    Interrupted interrupted,
    Duration between,
    long interruptions,
    List<Interruption> longest) {
  public TimeSpent {
    longest = List.copyOf(longest);
  }

  /**
   * Without a step that counts, and longer than between two steps.
   *
   * @param lost trained, and trained again after a failure
   * @param lostSteps how many steps these were
   * @param down from the last sign of a step before a failure until a step began that counts
   * @param undivided restarts of which it is not known what was lost
   * @param stalled without a restart
   */
  public record Interrupted(
      Duration lost, long lostSteps, Duration down, Duration undivided, Duration stalled) {
    /** All of it. */
    public Duration total() {
      return lost.plus(down).plus(undivided).plus(stalled);
    }
  }

  /**
   * For data.
   *
   * @param fetching until the bytes of images were there
   * @param decoding from then until they were decoded
   * @param network from then until they were with the trainer
   * @param undivided of steps that do not tell for what
   */
  public record Waiting(
      Duration fetching, Duration decoding, Duration network, Duration undivided) {
    /** All of it. */
    public Duration total() {
      return divided().plus(undivided);
    }

    /** What is known for what it was. */
    public Duration divided() {
      return fetching.plus(decoding).plus(network);
    }
  }

  /** For data, in steps that count. */
  public Duration waiting() {
    return waited.total();
  }

  /** All of it. */
  public Duration total() {
    return computing.plus(waiting()).plus(validating).plus(interrupted.total()).plus(between);
  }

  /** Part of the time in which steps were taken that count; NaN if there was no time. */
  public double goodput() {
    return share(computing.plus(waiting()));
  }

  /** Part of the time of steps that was spent waiting for data; NaN if there was no time. */
  public double waitShare() {
    long steps = computing.plus(waiting()).toMillis();
    return steps == 0 ? Double.NaN : (double) waiting().toMillis() / steps;
  }

  /** Part of all time; NaN if there was none. */
  public double share(Duration part) {
    long all = total().toMillis();
    return all == 0 ? Double.NaN : (double) part.toMillis() / all;
  }
}

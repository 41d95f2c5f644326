package io.simmim.pipeline.rescale;

import java.util.Collection;

/**
 * When a job should run with another number of decoders. The trainer is the measure: machines are
 * added only if it waits for data and decoders are what it waits for, and taken away only if it
 * never waits. Between the two nothing happens (hysteresis), since each change costs a restart.
 *
 * @param least decoders at least
 * @param most decoders at most
 */
public record ScalingRule(int least, int most) {
  /** From this wait of the trainer on, decoders may be added. */
  static final double STARVED = 0.05;

  /** Up to this wait of the trainer, decoders may be taken away. */
  static final double FED = 0.01;

  /**
   * Share of time that decoders work if there are as many as needed; the rest is for peaks. Those
   * that work less are not what the trainer waits for.
   */
  static final double TARGET = 0.8;

  /** Decoders are taken away if this share of them is enough, or less. */
  static final double WORTH_LESS = 0.75;

  /** At most so many times as many at once: a wait near 1 says little about how many are needed. */
  static final int GROWTH = 2;

  /**
   * @throws IllegalArgumentException if the bounds are none
   */
  public ScalingRule {
    if (least < 1 || most < least) {
      throw new IllegalArgumentException(
          "--least must be at least 1 and --most at least as much: %d, %d".formatted(least, most));
    }
  }

  /**
   * What to do.
   *
   * @param decoders how many there should be
   * @param reason a line for people
   */
  public record Decision(int decoders, String reason) {}

  /**
   * Decides by what was seen lately.
   *
   * @param seen of one run without a restart in between, at least one
   */
  Decision decide(Collection<JobLoad> seen) {
    int decoders = seen.iterator().next().decoders();
    double busy = seen.stream().mapToDouble(JobLoad::busyShare).average().orElseThrow();
    double wait = seen.stream().mapToDouble(JobLoad::waitShare).average().orElseThrow();
    String state =
        "%d decoders work %.0f %% of the time, the trainer waits %.0f %%"
            .formatted(decoders, 100 * busy, 100 * wait);
    if (decoders < least || decoders > most) {
      return new Decision(Math.max(least, Math.min(most, decoders)), state + ": out of bounds");
    }
    if (wait >= STARVED) {
      if (busy < TARGET) {
        return new Decision(decoders, state + ": it waits for the storage, not for decoders");
      }
      int needed = (int) Math.ceil(new JobLoad(decoders, busy, wait).needed(TARGET));
      int more = Math.min(Math.min(needed, GROWTH * decoders), most);
      return more > decoders
          ? new Decision(more, state + ": too few")
          : new Decision(decoders, state + ": too few, but no more are allowed");
    }
    // Nobody should wait because of one quiet moment: the busiest counts.
    double busiest = seen.stream().mapToDouble(load -> load.needed(TARGET)).max().orElseThrow();
    boolean fed = seen.stream().allMatch(load -> load.waitShare() <= FED);
    int less = Math.max(least, (int) Math.ceil(busiest));
    return fed && less <= WORTH_LESS * decoders
        ? new Decision(less, state + ": more than needed")
        : new Decision(decoders, state + ": as it should be");
  }
}

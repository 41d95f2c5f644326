package io.simmim.operators.arrival.feed;

import io.simmim.schemas.text.Amount;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Tells that the listings of an input are of no use: when that begins, then ever more seldom, and
 * when it has ended. What storage says may differ each time, by the number of a request, and it may
 * be away for a week, or come and go for as long.
 *
 * <p>Not thread-safe.
 */
final class ListingTrouble {
  /** From the first line to the second; doubles with each further one. */
  static final Duration FIRST_PAUSE = Duration.ofMinutes(1);

  /** From one line to the next at most. */
  static final Duration LONGEST_PAUSE = Duration.ofDays(1);

  /** Of listings that are of use, after which trouble is told at once again; before, within it. */
  static final Duration WELL = Duration.ofHours(1);

  /** Why a listing is of no use; one after the other is told at once. */
  enum Kind {
    FAILED,
    EMPTY
  }

  private final String input;
  private final Consumer<String> warn;

  /** What was told since all was well for so long. */
  private final Set<Kind> told = EnumSet.noneOf(Kind.class);

  private Duration pause = FIRST_PAUSE;
  private long toldNanos;

  /** Whether the last listing was of no use, since when, and whether that was told. */
  private boolean met;

  private long beganNanos;
  private long endedNanos;
  private boolean tellsTheEnd;

  /**
   * @param warn takes lines for people
   */
  ListingTrouble(String input, Consumer<String> warn) {
    this.input = input;
    this.warn = warn;
  }

  /**
   * Notes a listing of no use.
   *
   * @param why for people
   * @param nowNanos as {@link System#nanoTime} tells
   */
  void met(Kind kind, String why, long nowNanos) {
    if (!met) {
      met = true;
      beganNanos = nowNanos;
      if (nowNanos - endedNanos >= WELL.toNanos()) {
        told.clear();
        pause = FIRST_PAUSE;
      }
    }
    if (told.add(kind)) {
      tell(why, nowNanos);
    } else if (nowNanos - toldNanos >= pause.toNanos()) {
      Duration doubled = pause.multipliedBy(2);
      pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
      tell("%s (for %s now)".formatted(why, since(nowNanos)), nowNanos);
    }
  }

  /** Notes a listing that is of use. */
  void ended(long nowNanos) {
    if (!met) {
      return;
    }
    met = false;
    endedNanos = nowNanos;
    pause = pause.compareTo(WELL) < 0 ? pause : WELL;
    if (tellsTheEnd) {
      tellsTheEnd = false;
      warn.accept("%s is listed again, after %s".formatted(input, since(nowNanos)));
    }
  }

  private void tell(String line, long nowNanos) {
    toldNanos = nowNanos;
    tellsTheEnd = true;
    warn.accept(line);
  }

  private String since(long nowNanos) {
    return Amount.time(Duration.ofNanos(nowNanos - beganNanos).toMillis() / 1e3);
  }
}

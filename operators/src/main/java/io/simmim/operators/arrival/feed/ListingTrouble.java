package io.simmim.operators.arrival.feed;

import io.simmim.schemas.text.Amount;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Tells that the listings of an input are of no use: when that begins, then ever more seldom, and
 * when it has ended. What storage says may differ each time, by the number of a request, and it may
 * be away for a week.
 *
 * <p>Not thread-safe.
 */
final class ListingTrouble {
  /** From the first line to the second; doubles with each further one. */
  static final Duration FIRST_PAUSE = Duration.ofMinutes(1);

  /** From one line to the next at most. */
  static final Duration LONGEST_PAUSE = Duration.ofDays(1);

  /** Why a listing is of no use; one after the other is told at once. */
  enum Kind {
    FAILED,
    EMPTY
  }

  private final String input;
  private final Consumer<String> warn;

  /** Of the last listing; null if that was of use. */
  private Kind kind;

  private long beganNanos;
  private long toldNanos;
  private Duration pause = FIRST_PAUSE;

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
  void met(Kind met, String why, long nowNanos) {
    if (kind == null) {
      beganNanos = nowNanos;
    }
    if (kind != met) {
      kind = met;
      pause = FIRST_PAUSE;
      toldNanos = nowNanos;
      warn.accept(why);
    } else if (nowNanos - toldNanos >= pause.toNanos()) {
      Duration doubled = pause.multipliedBy(2);
      pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
      toldNanos = nowNanos;
      warn.accept("%s (for %s now)".formatted(why, since(nowNanos)));
    }
  }

  /** Notes a listing that is of use. */
  void ended(long nowNanos) {
    if (kind != null) {
      kind = null;
      warn.accept("%s is listed again, after %s".formatted(input, since(nowNanos)));
    }
  }

  private String since(long nowNanos) {
    return Amount.time(Duration.ofNanos(nowNanos - beganNanos).toMillis() / 1e3);
  }
}

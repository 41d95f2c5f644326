package io.simmim.pipeline.cli.common;

import io.simmim.schemas.UserError;

/** Checks numbers that options give. */
public final class Limits {
  /** More threads than this are a slip of the finger. */
  public static final int MOST_THREADS = 1024;

  private Limits() {}

  /**
   * Refuses a number outside a range.
   *
   * @param option as the user writes it
   * @param least that is allowed
   * @param most that is allowed
   * @throws UserError with what is allowed
   */
  public static void require(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new UserError("%s must be %d to %d: %d".formatted(option, least, most, value));
    }
  }

  /**
   * Refuses a number that is too small.
   *
   * @param option as the user writes it
   * @throws UserError with what is allowed
   */
  public static void requireAtLeast(String option, int least, int value) {
    if (value < least) {
      throw new UserError("%s must be at least %d: %d".formatted(option, least, value));
    }
  }
}

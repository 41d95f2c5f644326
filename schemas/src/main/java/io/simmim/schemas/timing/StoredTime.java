package io.simmim.schemas.timing;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/** Times in files that somebody may have changed. */
public final class StoredTime {
  /**
   * The first moment of the year 10000. Times up to it can be added and counted in any unit here.
   */
  private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");

  private StoredTime() {}

  /**
   * Reads a time as {@code Instant} writes it.
   *
   * @return nothing if it is none, or is before 1970 or after the year 9999
   */
  public static Optional<Instant> parse(String text) {
    try {
      return Optional.of(Instant.parse(text))
          .filter(time -> !time.isBefore(Instant.EPOCH) && time.isBefore(END));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}

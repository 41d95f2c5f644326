package io.simmim.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.simmim.schemas.text.JsonProblem;
import java.util.Objects;

/**
 * How one recorded case of the reference implementation compares with this one.
 *
 * @param name the case, for example {@code crop.3 baseline_422.jpg}
 * @param outcome whether the results agree within the tolerance of their kind
 * @param largestDifference in the unit of the case (levels, relative norm, pixels); NaN if nothing
 *     was compared
 * @param detail one line for people: what was compared, or why it was not; may be empty
 */
public record ParityRow(String name, Outcome outcome, double largestDifference, String detail) {
  /** Result of a comparison. */
  public enum Outcome {
    OK,
    DIFFERS,
    UNSUPPORTED
  }

  public ParityRow {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(outcome, "outcome");
    Objects.requireNonNull(detail, "detail");
  }

  /** OK if {@code difference} is at most {@code tolerance}; NaN differs. */
  public static ParityRow compared(
      String name, double difference, double tolerance, String detail) {
    return new ParityRow(
        name, difference <= tolerance ? Outcome.OK : Outcome.DIFFERS, difference, detail);
  }

  /** A case that could not be compared: a recording, or what it is of, cannot be read. */
  public static ParityRow failed(String name, Throwable cause) {
    String reason =
        cause instanceof JsonProcessingException json
            ? JsonProblem.of(json)
            : cause.getMessage() == null ? cause.toString() : cause.getMessage();
    String line = reason.lines().findFirst().orElse("").strip();
    String kind = cause.getClass().getSimpleName();
    return new ParityRow(
        name, Outcome.DIFFERS, Double.NaN, "cannot be compared: %s: %s".formatted(kind, line));
  }

  public static ParityRow unsupported(String name, String reason) {
    return new ParityRow(name, Outcome.UNSUPPORTED, Double.NaN, reason);
  }
}

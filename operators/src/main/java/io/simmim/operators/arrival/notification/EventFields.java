package io.simmim.operators.arrival.notification;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;

/** Fields of an event, each of which may be missing, or of another type. */
final class EventFields {
  static final String MALFORMED = "malformed record";
  static final String BAD_SIZE = "size";

  /** Above what any store takes; a larger number is a mistake or an attack. */
  private static final long MAX_SIZE = 1L << 50;

  private EventFields() {}

  static String text(JsonNode object, String field) throws SkippedEvent {
    JsonNode value = object.path(field);
    if (!value.isTextual()) {
      throw new SkippedEvent(MALFORMED);
    }
    return value.textValue();
  }

  /** Empty if there is none. */
  static String optionalText(JsonNode object, String field) throws SkippedEvent {
    JsonNode value = object.path(field);
    return value.isMissingNode() || value.isNull() ? "" : text(object, field);
  }

  /** The number of bytes of an object. */
  static long size(JsonNode object) throws SkippedEvent {
    JsonNode size = object.path("size");
    if (!size.isIntegralNumber() || !size.canConvertToLong()) {
      throw new SkippedEvent(size.isBigInteger() ? BAD_SIZE : MALFORMED);
    }
    long bytes = size.longValue();
    if (bytes < 0 || bytes > MAX_SIZE) {
      throw new SkippedEvent(BAD_SIZE);
    }
    return bytes;
  }

  /**
   * A time in UTC, as milliseconds.
   *
   * @param time of older gateways of Ceph with a space before the hour
   */
  static long epochMillis(String time) throws SkippedEvent {
    try {
      return Instant.parse(time.replace(' ', 'T')).toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      throw new SkippedEvent(MALFORMED);
    }
  }
}

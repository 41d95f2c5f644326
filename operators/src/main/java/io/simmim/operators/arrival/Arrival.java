package io.simmim.operators.arrival;

import java.util.Objects;

/**
 * An object that came or went, as a feed saw it.
 *
 * @param uri the object, on a Flink file system
 * @param length number of bytes; 0 where the feed does not tell
 * @param version {@code v:} and the version id, else {@code e:} and the ETag, else empty
 * @param eventMillis when it happened, as the feed tells, in milliseconds of the epoch
 * @param origin where the feed has it from, for messages: {@code topic/partition@offset}, say
 */
public record Arrival(
    Kind kind, String uri, long length, String version, long eventMillis, String origin) {
  /** What happened to the object. */
  public enum Kind {
    CREATED,
    DELETED
  }

  /**
   * Of a deletion: the version without an id, which an object has from before its bucket had
   * versions, or while they are suspended. At most one of its versions is that one.
   */
  public static final String NULL_VERSION = "v:null";

  public Arrival {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(uri, "uri");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(origin, "origin");
    if (length < 0) {
      throw new IllegalArgumentException(
          "length must not be negative: %d (%s)".formatted(length, uri));
    }
  }
}

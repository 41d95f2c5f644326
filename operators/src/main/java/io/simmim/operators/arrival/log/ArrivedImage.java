package io.simmim.operators.arrival.log;

import io.simmim.schemas.ImageRef;
import java.util.Objects;

/**
 * An image of a continuous run, as its log keeps it.
 *
 * @param uri the object that holds it
 * @param offset first byte in the object
 * @param length number of bytes
 * @param member name in the tar shard {@code uri}; empty if the object itself is the image
 * @param problem why it cannot be used; empty if it may
 * @param version of the object: {@code v:} and its version id, {@code e:} and its ETag, or {@code
 *     l:} and its length where it was found by listing
 * @param origin where it was learned of: {@code listing}, or topic, partition and offset
 * @param eventMillis when the object came, milliseconds since 1970; when it was seen, if listed
 */
public record ArrivedImage(
    String uri,
    long offset,
    long length,
    String member,
    String problem,
    String version,
    String origin,
    long eventMillis) {
  public ArrivedImage {
    Objects.requireNonNull(uri, "uri");
    Objects.requireNonNull(member, "member");
    Objects.requireNonNull(problem, "problem");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(origin, "origin");
    if (offset < 0 || length < 0) {
      throw new IllegalArgumentException(
          "offset and length must not be negative: %d, %d (%s)".formatted(offset, length, uri));
    }
  }

  /** Whether another image came with the same object at the same time: both are in one shard. */
  public boolean cameWith(ArrivedImage other) {
    return uri.equals(other.uri)
        && version.equals(other.version)
        && eventMillis == other.eventMillis;
  }

  /** What is read of it, under its number in the log. */
  public ImageRef ref(long id) {
    return new ImageRef(
        id, uri, offset, (int) Math.min(length, Integer.MAX_VALUE), member, problem, version);
  }
}

package io.simmim.schemas;

import io.simmim.schemas.text.PrintableText;
import java.io.Serializable;
import java.util.Objects;

/**
 * Where the bytes of one image are.
 *
 * @param sampleId index of the image in the catalog, from 0
 * @param uri the object that holds the bytes, on any Flink file system
 * @param offset first byte of the image in the object
 * @param length number of bytes, at most what one array holds
 * @param member name of the image in the tar shard {@code uri}, as found there: for messages only,
 *     never a path. Empty if the object itself is the image
 * @param problem why the image cannot be used, if that was seen when it was listed; otherwise empty
 * @param version which version of the object it is, as the event that announced it tells; empty if
 *     it was listed
 */
public record ImageRef(
    long sampleId,
    String uri,
    long offset,
    int length,
    String member,
    String problem,
    String version)
    implements Serializable {
  public ImageRef {
    Objects.requireNonNull(uri, "uri");
    Objects.requireNonNull(member, "member");
    Objects.requireNonNull(problem, "problem");
    Objects.requireNonNull(version, "version");
    if (sampleId < 0 || offset < 0 || length < 0) {
      throw new IllegalArgumentException(
          "sample id, offset and length must not be negative: %d, %d, %d (%s)"
              .formatted(sampleId, offset, length, uri));
    }
  }

  /** An image without a name of its own: an object, or an unnamed part of one. */
  public ImageRef(long sampleId, String uri, long offset, int length) {
    this(sampleId, uri, offset, length, "", "", "");
  }

  /** An image that was listed: which version it is nobody told. */
  public ImageRef(
      long sampleId, String uri, long offset, int length, String member, String problem) {
    this(sampleId, uri, offset, length, member, problem, "");
  }

  /** The same, known not to be usable. */
  public ImageRef withProblem(String reason) {
    return new ImageRef(sampleId, uri, offset, length, member, reason, version);
  }

  /** Whether the object is a shard that holds many images. */
  public boolean inShard() {
    return offset > 0 || !member.isEmpty();
  }

  /**
   * The image as people are told of it: the URI, and {@code !/} with the name in the shard, in
   * which characters that do not show (control characters, changes of direction) are escaped.
   */
  public String name() {
    return member.isEmpty() ? uri : uri + "!/" + PrintableText.of(member);
  }
}

package io.simmim.schemas;

import java.util.Objects;

/**
 * An image that could not be used, with the reason.
 *
 * @param sampleId index in the catalog
 * @param uri where the image is
 * @param reason one line for people
 * @param version which version of the object it is; empty if unknown
 * @param epochMillis when it was rejected, in milliseconds of the epoch; 0 if unknown
 */
public record RejectedImage(
    long sampleId, String uri, String reason, String version, long epochMillis) {
  public RejectedImage {
    Objects.requireNonNull(uri, "uri");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(version, "version");
  }

  /** An image of unknown version, rejected at an unknown time. */
  public RejectedImage(long sampleId, String uri, String reason) {
    this(sampleId, uri, reason, "", 0);
  }
}

package io.simmim.schemas;

import java.util.Objects;

/**
 * An image that could not be used, with the reason.
 *
 * @param sampleId index in the catalog
 * @param uri where the image is
 * @param reason one line for people
 */
public record RejectedImage(long sampleId, String uri, String reason) {
  public RejectedImage {
    Objects.requireNonNull(uri, "uri");
    Objects.requireNonNull(reason, "reason");
  }
}

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
  /** Reason: the object was there, and is no more. */
  public static final String DELETED = "deleted since it was listed";

  /** Beginning of a reason: another object has taken the place of the one that was meant. */
  public static final String CHANGED = "changed since it was listed";

  /** Reason: both were known before it was read. */
  public static final String GONE_EARLY = "deleted or replaced before it was trained on";

  public RejectedImage {
    Objects.requireNonNull(uri, "uri");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(version, "version");
  }

  /** Whether the reason is that the object went or was replaced, not that it cannot be used. */
  public static boolean isGone(String reason) {
    return reason.equals(DELETED) || reason.startsWith(CHANGED) || reason.equals(GONE_EARLY);
  }

  /** An image of unknown version, rejected at an unknown time. */
  public RejectedImage(long sampleId, String uri, String reason) {
    this(sampleId, uri, reason, "", 0);
  }
}

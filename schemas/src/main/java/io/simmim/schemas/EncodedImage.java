package io.simmim.schemas;

import java.util.Objects;

/**
 * The compressed bytes of one image, or the reason why there are none.
 *
 * @param ref where the bytes came from
 * @param bytes the file's content; empty if {@code failure} is set. Not copied: treat as read-only
 * @param failure why the object could not be read (deleted since it was listed, say), or null
 */
public record EncodedImage(ImageRef ref, byte[] bytes, String failure) {
  public EncodedImage {
    Objects.requireNonNull(ref, "ref");
    Objects.requireNonNull(bytes, "bytes");
  }

  public static EncodedImage of(ImageRef ref, byte[] bytes) {
    return new EncodedImage(ref, bytes, null);
  }

  public static EncodedImage failed(ImageRef ref, String failure) {
    return new EncodedImage(ref, new byte[0], Objects.requireNonNull(failure, "failure"));
  }
}

package io.simmim.pipeline.replay;

import io.simmim.operators.source.fetch.ImageBytes;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;

/** An image that a run has had, read again. */
public final class StoredImage {
  private StoredImage() {}

  /**
   * Reads it. One that the run rejected is not tried again: it may have ended the process that
   * decoded it.
   *
   * @param rejection why the run could not use it; empty if it could
   * @param maxBytes longer images are not read
   */
  public static EncodedImage read(ImageRef ref, String rejection, long maxBytes) {
    if (!rejection.isEmpty()) {
      return EncodedImage.failed(ref, rejection);
    }
    try {
      return ImageBytes.read(ref, maxBytes);
    } catch (IOException e) {
      return EncodedImage.failed(ref, "cannot be read now: " + StorageFailure.reason(e));
    }
  }
}

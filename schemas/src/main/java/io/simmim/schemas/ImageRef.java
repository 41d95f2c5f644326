package io.simmim.schemas;

import java.io.Serializable;
import java.util.Objects;

/**
 * Where the bytes of one image are.
 *
 * @param sampleId index of the image in the catalog, from 0
 * @param uri the object that holds the bytes, on any Flink file system
 * @param offset first byte of the image in the object
 * @param length number of bytes, at most what one array holds
 */
public record ImageRef(long sampleId, String uri, long offset, int length) implements Serializable {
  public ImageRef {
    Objects.requireNonNull(uri, "uri");
    if (sampleId < 0 || offset < 0 || length < 0) {
      throw new IllegalArgumentException(
          "sample id, offset and length must not be negative: %d, %d, %d (%s)"
              .formatted(sampleId, offset, length, uri));
    }
  }
}

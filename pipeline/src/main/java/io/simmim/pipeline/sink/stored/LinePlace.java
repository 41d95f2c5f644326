package io.simmim.pipeline.sink.stored;

import java.util.Objects;

/**
 * Where a line begins, for a reader that goes on there.
 *
 * @param file name of the file that it is in
 * @param bytes before it in that file
 */
public record LinePlace(String file, long bytes) {
  public LinePlace {
    Objects.requireNonNull(file, "file");
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes must be at least 0: " + bytes);
    }
  }
}

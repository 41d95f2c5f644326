package io.simmim.operators.source.fetch;

import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.RejectedImage;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;

/** Reads single images of a catalog outside a job: once, in the calling thread. */
public final class ImageBytes {
  private ImageBytes() {}

  /**
   * The bytes of an image, or the reason why it is not to be used: as the catalog tells, or because
   * it is gone.
   *
   * @param maxBytes longer images are not read
   * @throws IOException if it cannot be read
   */
  public static EncodedImage read(ImageRef ref, long maxBytes) throws IOException {
    String problem = problem(ref, maxBytes);
    if (!problem.isEmpty()) {
      return EncodedImage.failed(ref, problem);
    }
    Path path = new Path(ref.uri());
    try (FSDataInputStream in = path.getFileSystem().open(path)) {
      if (ref.inShard()) {
        in.seek(ref.offset());
      }
      byte[] bytes = in.readNBytes(ref.length());
      if (bytes.length < ref.length()) {
        throw new EOFException(
            "%s has %d bytes, not %d".formatted(ref.name(), bytes.length, ref.length()));
      }
      return EncodedImage.of(ref, bytes);
    } catch (FileNotFoundException e) {
      return EncodedImage.failed(ref, RejectedImage.DELETED);
    }
  }

  /** Why an image is not to be read, as far as the catalog tells; empty if it is. */
  static String problem(ImageRef ref, long maxBytes) {
    if (!ref.problem().isEmpty()) {
      return ref.problem();
    }
    return ref.length() > maxBytes ? "larger than max-object-bytes %d".formatted(maxBytes) : "";
  }
}

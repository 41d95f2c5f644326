package io.simmim.operators.image;

import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.mask.MaskConfig;
import io.simmim.schemas.EncodedChunk;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.TensorChunk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Sends single files through an image path and tells what became of them. */
final class BadFileProbe implements AutoCloseable {
  private static final int SIZE = 32;

  private final ImagePath path =
      new ImagePath(ImageConfig.ofSize(SIZE), new MaskConfig(SIZE / 2, 0.5), 0);

  /** "read", or "rejected: " and the reason. */
  String outcome(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ImageRef ref = new ImageRef(0, file.toString(), 0, bytes.length);
    TensorChunk chunk = path.apply(new EncodedChunk(0, 0, 0, List.of(EncodedImage.of(ref, bytes))));
    return chunk.size() == 1 ? "read" : "rejected: " + chunk.rejected().get(0).reason();
  }

  @Override
  public void close() {
    path.close();
  }
}

package io.simmim.operators.image;

import io.simmim.operators.image.codec.DecodeMemory;
import io.simmim.operators.image.codec.ImageHeader;
import io.simmim.operators.image.codec.PlanarSink;
import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.format.ImageHeaders;
import io.simmim.operators.image.format.OpenCvDecoder;
import io.simmim.operators.image.jpeg.JpegOutline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Decodes a file with OpenCV; called by reflection from another class loader. */
public final class OpenCvDigest {
  private OpenCvDigest() {}

  /** A digest of the pixels. */
  public static int of(String path) throws IOException {
    byte[] file = Files.readAllBytes(Path.of(path));
    ImageHeader header = ImageHeaders.parse(file);
    CropBox whole = CropBox.whole(header.width(), header.height());
    PlanarSink sink = new PlanarSink(whole.width(), whole.height());
    try (OpenCvDecoder decoder = new OpenCvDecoder(DecodeMemory.shared(1L << 30))) {
      if (!decoder.decode(JpegOutline.of(file), whole, sink)) {
        throw new IOException("OpenCV refused " + path);
      }
    }
    return Arrays.hashCode(sink.planes);
  }
}

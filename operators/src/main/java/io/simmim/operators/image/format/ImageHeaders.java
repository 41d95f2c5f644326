package io.simmim.operators.image.format;

import io.simmim.operators.image.codec.ImageFormat;
import io.simmim.operators.image.codec.ImageHeader;
import io.simmim.operators.image.codec.UnreadableImageException;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.jpeg.JpegHeader;
import io.simmim.operators.image.png.PngFormat;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/** Reads the header of a file in whichever format it is. */
public final class ImageHeaders {
  private ImageHeaders() {}

  /** Reads the header of a file, and refuses more pixels than are allowed. */
  public static ImageHeader parse(byte[] file, ImageConfig config) throws UnreadableImageException {
    ImageHeader header = parse(file);
    if (header.pixels() > config.maxPixels()) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "the %s header claims %d x %d pixels; max-megapixels allows %s million",
              header.format(),
              header.width(),
              header.height(),
              config.maxMegapixels()));
    }
    return header;
  }

  public static ImageHeader parse(byte[] file) throws UnreadableImageException {
    if (file.length == 0) {
      throw new UnreadableImageException("the file is empty");
    }
    Optional<ImageFormat> format = ImageFormat.ofContent(file);
    if (format.isEmpty()) {
      String actual = ForeignFormat.of(file).map(name -> " but " + name).orElse("");
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "neither JPEG nor PNG%s: the file begins with %s",
              actual,
              beginning(file)));
    }
    return switch (format.get()) {
      case JPEG -> JpegHeader.parse(file);
      case PNG -> PngFormat.header(file);
    };
  }

  private static String beginning(byte[] file) {
    return HexFormat.ofDelimiter(" ").formatHex(file, 0, Math.min(4, file.length));
  }
}

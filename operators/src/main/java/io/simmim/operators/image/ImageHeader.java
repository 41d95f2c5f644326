package io.simmim.operators.image;

import java.util.HexFormat;

/**
 * What the beginning of a file says about the image, read without decoding or allocating anything:
 * the decoders are called only after the claimed size has been checked.
 *
 * @param format by the file's first bytes, whatever its name says
 * @param width in pixels
 * @param height in pixels
 */
record ImageHeader(Format format, int width, int height) {
  /** The formats that are decoded; all others are refused here. */
  enum Format {
    JPEG,
    PNG
  }

  /** Bits per sample of JPEGs that are decoded: libjpeg reads 12 and 16 by other functions. */
  private static final int JPEG_BITS = 8;

  /** Reads the header of a file, and refuses more pixels than are allowed. */
  static ImageHeader parse(byte[] file, ImageConfig config) throws UnreadableImageException {
    ImageHeader header = parse(file);
    if (header.pixels() > config.maxPixels()) {
      throw new UnreadableImageException(
          "the %s header claims %d x %d pixels; max-megapixels allows %s million"
              .formatted(header.format, header.width, header.height, config.maxMegapixels()));
    }
    return header;
  }

  static ImageHeader parse(byte[] file) throws UnreadableImageException {
    if (file.length == 0) {
      throw new UnreadableImageException("the file is empty");
    }
    if (file.length >= 2 && (file[0] & 255) == 0xFF && (file[1] & 255) == JpegMarkers.SOI) {
      return parseJpeg(file);
    }
    if (PngChunks.isPng(file)) {
      return parsePng(file);
    }
    String actual = ForeignFormat.of(file).map(name -> " but " + name).orElse("");
    throw new UnreadableImageException(
        "neither JPEG nor PNG%s: the file begins with %s".formatted(actual, beginning(file)));
  }

  private static ImageHeader parseJpeg(byte[] file) throws UnreadableImageException {
    JpegMarkers markers = new JpegMarkers(file);
    while (markers.next()) {
      if (markers.isFrameHeader()) {
        return jpegFrame(file, markers.start(), markers.length());
      }
      if (markers.marker() == JpegMarkers.JPEG_LS) {
        throw new UnreadableImageException("the file is JPEG-LS (allowed: JPEG and PNG)");
      }
      if (markers.marker() == JpegMarkers.SOS) {
        throw new UnreadableImageException("the JPEG has no frame header before its scan");
      }
      // An end marker so early ends tables that are for the image behind it.
    }
    throw new UnreadableImageException(markers.ending());
  }

  private static ImageHeader jpegFrame(byte[] file, int at, int length)
      throws UnreadableImageException {
    if (length < 6) {
      throw new UnreadableImageException(
          "the JPEG frame header must have at least 6 bytes: " + length);
    }
    if (file[at] != JPEG_BITS) {
      throw new UnreadableImageException(
          "the JPEG has %d bits per sample (allowed: %d)".formatted(file[at] & 255, JPEG_BITS));
    }
    return checked(Format.JPEG, JpegMarkers.word(file, at + 3), JpegMarkers.word(file, at + 1));
  }

  private static ImageHeader parsePng(byte[] file) throws UnreadableImageException {
    PngChunks chunks = new PngChunks(file);
    if (!chunks.next() || chunks.type() != PngChunks.IHDR || !chunks.isWhole()) {
      throw new UnreadableImageException("the PNG does not begin with its header");
    }
    PngFormat format = PngFormat.parse(file, chunks);
    return checked(Format.PNG, format.width(), format.height());
  }

  private static ImageHeader checked(Format format, int width, int height)
      throws UnreadableImageException {
    if (width < 1 || height < 1) {
      throw new UnreadableImageException(
          "the %s header must claim at least one pixel: %d x %d".formatted(format, width, height));
    }
    return new ImageHeader(format, width, height);
  }

  private static String beginning(byte[] file) {
    return HexFormat.ofDelimiter(" ").formatHex(file, 0, Math.min(4, file.length));
  }

  long pixels() {
    return (long) width * height;
  }
}

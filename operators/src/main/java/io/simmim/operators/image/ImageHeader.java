package io.simmim.operators.image;

import java.nio.charset.StandardCharsets;
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

  private static final byte[] PNG_SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};
  private static final int PNG_HEADER_BYTES = 24;

  static ImageHeader parse(byte[] file) throws UnreadableImageException {
    if (file.length == 0) {
      throw new UnreadableImageException("the file is empty");
    }
    if (file.length >= 2 && (file[0] & 255) == 0xFF && (file[1] & 255) == JpegMarkers.SOI) {
      return parseJpeg(file);
    }
    if (startsWithPngSignature(file)) {
      return parsePng(file);
    }
    throw new UnreadableImageException(
        "neither JPEG nor PNG: the file begins with " + beginning(file));
  }

  private static ImageHeader parseJpeg(byte[] file) throws UnreadableImageException {
    JpegMarkers markers = new JpegMarkers(file);
    while (markers.next()) {
      if (markers.isFrameHeader()) {
        if (markers.length() < 6) {
          throw new UnreadableImageException(
              "the JPEG frame header must have at least 6 bytes: " + markers.length());
        }
        int at = markers.start();
        return checked(Format.JPEG, JpegMarkers.word(file, at + 3), JpegMarkers.word(file, at + 1));
      }
      if (markers.marker() == JpegMarkers.SOS || markers.marker() == JpegMarkers.EOI) {
        throw new UnreadableImageException("the JPEG has no frame header before its scan");
      }
    }
    throw new UnreadableImageException(
        "truncated: the file ends inside the JPEG header, after %d bytes".formatted(file.length));
  }

  private static ImageHeader parsePng(byte[] file) throws UnreadableImageException {
    if (file.length < PNG_HEADER_BYTES
        || !new String(file, 12, 4, StandardCharsets.US_ASCII).equals("IHDR")) {
      throw new UnreadableImageException("the PNG does not begin with its header");
    }
    return checked(Format.PNG, integer(file, 16), integer(file, 20));
  }

  private static ImageHeader checked(Format format, int width, int height)
      throws UnreadableImageException {
    if (width < 1 || height < 1) {
      throw new UnreadableImageException(
          "the %s header must claim at least one pixel: %d x %d".formatted(format, width, height));
    }
    return new ImageHeader(format, width, height);
  }

  private static boolean startsWithPngSignature(byte[] file) {
    if (file.length < PNG_SIGNATURE.length) {
      return false;
    }
    for (int i = 0; i < PNG_SIGNATURE.length; i++) {
      if (file[i] != PNG_SIGNATURE[i]) {
        return false;
      }
    }
    return true;
  }

  private static int integer(byte[] file, int at) {
    return (JpegMarkers.word(file, at) << 16) | JpegMarkers.word(file, at + 2);
  }

  private static String beginning(byte[] file) {
    return HexFormat.ofDelimiter(" ").formatHex(file, 0, Math.min(4, file.length));
  }

  long pixels() {
    return (long) width * height;
  }
}

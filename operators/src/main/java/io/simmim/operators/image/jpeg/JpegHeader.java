package io.simmim.operators.image.jpeg;

import io.simmim.operators.image.codec.ImageFormat;
import io.simmim.operators.image.codec.ImageHeader;
import io.simmim.operators.image.codec.UnreadableImageException;
import java.util.Locale;

/** What the beginning of a JPEG says about the image. */
public final class JpegHeader {
  /** Bits per sample of JPEGs that are decoded: libjpeg reads 12 and 16 by other functions. */
  private static final int BITS = 8;

  private JpegHeader() {}

  /** Reads the frame header, which may stand behind anything but a scan. */
  public static ImageHeader parse(byte[] file) throws UnreadableImageException {
    JpegMarkers markers = new JpegMarkers(file);
    while (markers.next()) {
      if (markers.isFrameHeader()) {
        return frame(file, markers.start(), markers.length());
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

  private static ImageHeader frame(byte[] file, int at, int length)
      throws UnreadableImageException {
    if (length < 6) {
      throw new UnreadableImageException(
          "the JPEG frame header must have at least 6 bytes: " + length);
    }
    if (file[at] != BITS) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT, "the JPEG has %d bits per sample (allowed: %d)", file[at] & 255, BITS));
    }
    return ImageHeader.of(
        ImageFormat.JPEG, JpegMarkers.word(file, at + 3), JpegMarkers.word(file, at + 1));
  }
}

package io.simmim.operators.image.codec;

import java.util.Locale;

/**
 * What the beginning of a file says about the image, read without decoding or allocating anything:
 * the decoders are called only after the claimed size has been checked.
 *
 * @param format by the file's first bytes, whatever its name says
 * @param width in pixels
 * @param height in pixels
 */
public record ImageHeader(ImageFormat format, int width, int height) {
  /**
   * A header as a file claims it.
   *
   * @throws UnreadableImageException if it claims no pixel
   */
  public static ImageHeader of(ImageFormat format, int width, int height)
      throws UnreadableImageException {
    if (width < 1 || height < 1) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "the %s header must claim at least one pixel: %d x %d",
              format,
              width,
              height));
    }
    return new ImageHeader(format, width, height);
  }

  public long pixels() {
    return (long) width * height;
  }
}

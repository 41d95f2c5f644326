package io.simmim.operators.image.png;

import io.simmim.operators.image.codec.ImageFormat;
import io.simmim.operators.image.codec.ImageHeader;
import io.simmim.operators.image.codec.UnreadableImageException;
import java.util.Locale;

/**
 * What the header chunk of a PNG says (W3C, Portable Network Graphics, section 11.2.2), and what a
 * pixel of such an image is in RGB. As Pillow's {@code convert("RGB")}: alpha is dropped, gamma,
 * profile and transparency are not applied, of 16 bits the high ones count. (Of 16-bit grey Pillow
 * takes the lowest, and 255 for all above; the high ones are the picture.)
 *
 * @param width in pixels; not checked
 * @param height in pixels; not checked
 * @param depth bits per sample
 * @param colorType of the standard
 * @param channels samples per pixel
 * @param interlaced whether the rows come in the seven passes of Adam7
 */
public record PngFormat(
    int width, int height, int depth, int colorType, int channels, boolean interlaced) {
  private static final int HEADER_BYTES = 13;
  private static final int GRAY = 0;
  private static final int RGB = 2;
  private static final int PALETTE = 3;
  private static final int GRAY_ALPHA = 4;
  private static final int RGB_ALPHA = 6;

  /** What the beginning of a PNG says about the image. */
  public static ImageHeader header(byte[] file) throws UnreadableImageException {
    PngChunks chunks = new PngChunks(file);
    if (!chunks.next() || chunks.type() != PngChunks.IHDR || !chunks.isWhole()) {
      throw new UnreadableImageException("the PNG does not begin with its header");
    }
    PngFormat format = parse(file, chunks);
    if (format.width() < 0 || format.height() < 0) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "the PNG header claims %s x %s pixels (allowed: up to %d each)",
              Integer.toUnsignedString(format.width()),
              Integer.toUnsignedString(format.height()),
              Integer.MAX_VALUE));
    }
    return ImageHeader.of(ImageFormat.PNG, format.width(), format.height());
  }

  /**
   * Reads the header chunk.
   *
   * @param chunks at the chunk
   */
  static PngFormat parse(byte[] file, PngChunks chunks) throws UnreadableImageException {
    int at = chunks.start();
    if (chunks.length() != HEADER_BYTES) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT, "the PNG header must have %d bytes: %d", HEADER_BYTES, chunks.length()));
    }
    chunks.requireIntact();
    int depth = file[at + 8] & 255;
    int colorType = file[at + 9] & 255;
    int channels = channels(depth, colorType);
    if (channels == 0 || file[at + 10] != 0 || file[at + 11] != 0 || (file[at + 12] & ~1) != 0) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "the PNG header has values outside the standard: depth %d, color %d, methods %d %d %d",
              depth,
              colorType,
              file[at + 10] & 255,
              file[at + 11] & 255,
              file[at + 12] & 255));
    }
    return new PngFormat(
        PngChunks.integer(file, at),
        PngChunks.integer(file, at + 4),
        depth,
        colorType,
        channels,
        file[at + 12] == 1);
  }

  /** Samples per pixel, or 0 if the standard has no such combination. */
  private static int channels(int depth, int colorType) {
    boolean whole = depth == 8 || depth == 16;
    boolean part = depth == 1 || depth == 2 || depth == 4;
    return switch (colorType) {
      case GRAY -> whole || part ? 1 : 0;
      case RGB -> whole ? 3 : 0;
      case PALETTE -> part || depth == 8 ? 1 : 0;
      case GRAY_ALPHA -> whole ? 2 : 0;
      case RGB_ALPHA -> whole ? 4 : 0;
      default -> 0;
    };
  }

  /** Bytes of a row of {@code pixels} pixels, without its filter. */
  long rowBytes(int pixels) {
    return ((long) pixels * channels * depth + 7) / 8;
  }

  /** How far the byte to the left is that filters look at. */
  int filterDistance() {
    return Math.max(1, channels * depth / 8);
  }

  /**
   * One pixel of a row, R | G &lt;&lt; 8 | B &lt;&lt; 16.
   *
   * @param row without its filter, from index {@code from}
   * @param x number of the pixel
   * @param palette 256 pixels, where the format has one
   */
  int pixel(byte[] row, int from, int x, int[] palette) {
    int first = x * channels;
    int sample = sample(row, from, first);
    if (colorType == PALETTE) {
      return palette[sample];
    }
    if (colorType == RGB || colorType == RGB_ALPHA) {
      return sample | (sample(row, from, first + 1) << 8) | (sample(row, from, first + 2) << 16);
    }
    int level = depth >= 8 ? sample : sample * 255 / ((1 << depth) - 1);
    return level * 0x010101;
  }

  private int sample(byte[] row, int from, int index) {
    if (depth >= 8) {
      return row[from + index * depth / 8] & 255;
    }
    int bit = index * depth;
    return ((row[from + bit / 8] & 255) >> (8 - depth - bit % 8)) & ((1 << depth) - 1);
  }
}

package io.simmim.operators.image.pixel;

import java.util.Locale;

/**
 * The pixels of an RGB image that operations change in place: planes (3, H, W), uint8, within an
 * array that others may share. Holds one copy of them for operations that look at neighbours, and
 * is reused from image to image. Not thread-safe.
 */
public final class RgbPlanes {
  static final int CHANNELS = 3;
  private static final byte[] NONE = {};

  final int width;
  final int height;

  /** Pixels of a plane. */
  final int area;

  byte[] levels = NONE;

  /** The first element of the image in {@link #levels}. */
  int offset;

  private byte[] copy = NONE;

  /**
   * @param width in pixels, at least 1
   * @param height in pixels, at least 1
   */
  public RgbPlanes(int width, int height) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "the sides of an image must be at least 1: %d x %d", width, height));
    }
    this.width = width;
    this.height = height;
    area = Math.multiplyExact(width, height);
    Math.multiplyExact(area, CHANNELS);
  }

  /**
   * Takes the next image.
   *
   * @param newLevels has planes (3, H, W) from {@code newOffset} on; not copied
   */
  public RgbPlanes at(byte[] newLevels, int newOffset) {
    if (newOffset < 0 || newOffset > newLevels.length - CHANNELS * area) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "an image of %d x %d must lie within %d bytes: from %d on",
              width,
              height,
              newLevels.length,
              newOffset));
    }
    levels = newLevels;
    offset = newOffset;
    return this;
  }

  /** Lets go of the image. */
  public void release() {
    levels = NONE;
  }

  /** In pixels. */
  public int width() {
    return width;
  }

  /** In pixels. */
  public int height() {
    return height;
  }

  /** Bytes of the copy that is kept. */
  public long heldBytes() {
    return copy.length;
  }

  /** The pixels as they are now, (3, H, W) from 0 on: valid until the next call. */
  byte[] copy() {
    int length = CHANNELS * area;
    if (copy.length < length) {
      copy = new byte[length];
    }
    System.arraycopy(levels, offset, copy, 0, length);
    return copy;
  }
}

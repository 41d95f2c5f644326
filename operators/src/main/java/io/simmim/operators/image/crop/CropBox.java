package io.simmim.operators.image.crop;

/**
 * A rectangle of an image, in pixels.
 *
 * @param top first row
 * @param left first column
 */
public record CropBox(int top, int left, int height, int width) {
  /** The whole of an image. */
  public static CropBox whole(int width, int height) {
    return new CropBox(0, 0, height, width);
  }

  /** Whether the rectangle has pixels, all of them in an image of the given size. */
  public boolean isWithin(int imageWidth, int imageHeight) {
    return top >= 0
        && left >= 0
        && height > 0
        && width > 0
        && height <= imageHeight - top
        && width <= imageWidth - left;
  }

  public int bottom() {
    return top + height;
  }

  public int right() {
    return left + width;
  }
}

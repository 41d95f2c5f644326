package io.simmim.operators.image.crop;

/**
 * How neighbouring pixels are mixed where an image is resized: Pillow's antialiased filters ({@code
 * Resample.c}).
 */
public enum Interpolation {
  /** A triangle. */
  BILINEAR(1) {
    @Override
    double weight(double distance) {
      return distance < 1.0 ? 1.0 - distance : 0.0;
    }
  },
  /** Keys' cubic convolution with a = -0.5, which sharpens: sums may lie outside 0 to 255. */
  BICUBIC(2) {
    @Override
    double weight(double distance) {
      if (distance < 1.0) {
        return ((SHARPNESS + 2.0) * distance - (SHARPNESS + 3.0)) * distance * distance + 1;
      }
      return distance < 2.0 ? (((distance - 5) * distance + 8) * distance - 4) * SHARPNESS : 0.0;
    }
  };

  private static final double SHARPNESS = -0.5;

  /** Distance from which on weights are 0. */
  final double support;

  Interpolation(double support) {
    this.support = support;
  }

  /**
   * The weight of a pixel before the weights of a line are scaled to the sum 1.
   *
   * @param distance of the pixel, at least 0, in pixels of the source or, where the image shrinks,
   *     of the target
   */
  abstract double weight(double distance);

  /** Whether a sum may be less than 0 or more than 255. */
  boolean overshoots() {
    return this == BICUBIC;
  }
}

package io.simmim.operators.image.pixel;

import io.simmim.operators.image.crop.Interpolation;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Moves the pixels of an image as Pillow's {@code Image.transform} does: the centre of each pixel
 * of the result is looked up in the source, between whose pixels is interpolated; where it lies
 * outside, a fill colour shows. Nothing is smoothed before: images keep their scale here.
 *
 * <p>Everything is computed in float64, and results are cut to whole levels. Pillow's bicubic
 * polynomial is that of Keys with a = -1, unlike the one that it resizes with. Builds whose
 * compiler fuses products and sums, as on arm64, may differ by one level; so may rotations where
 * the C library rounds a sine otherwise.
 *
 * @param xx share of the column in the column of the source
 * @param xy share of the row in the column of the source
 * @param x0 column of the source at the origin, in pixels
 * @param yx share of the column in the row of the source
 * @param yy share of the row in the row of the source
 * @param y0 row of the source at the origin, in pixels
 */
public record AffineTransform(double xx, double xy, double x0, double yx, double yy, double y0) {
  private static final int ROTATION_DIGITS = 15;
  private static final double FULL_TURN = 360.0;

  /**
   * Shifts each row.
   *
   * @param factor columns per row
   */
  public static AffineTransform shearX(double factor) {
    return new AffineTransform(1, factor, 0, 0, 1, 0);
  }

  /**
   * Shifts each column.
   *
   * @param factor rows per column
   */
  public static AffineTransform shearY(double factor) {
    return new AffineTransform(1, 0, 0, factor, 1, 0);
  }

  /**
   * Shifts all pixels.
   *
   * @param right to the left, in columns
   * @param down upwards, in rows
   */
  public static AffineTransform shift(double right, double down) {
    return new AffineTransform(1, 0, right, 0, 1, down);
  }

  /**
   * Turns an image around its centre.
   *
   * @param degrees counter-clockwise
   * @param width of the image, in pixels
   * @param height of the image, in pixels
   */
  public static AffineTransform rotation(double degrees, int width, int height) {
    double remainder = degrees % FULL_TURN;
    double turn = remainder < 0 ? remainder + FULL_TURN : remainder;
    double angle = -(turn * (Math.PI / 180));
    double cosine = rounded(StrictMath.cos(angle));
    double sine = rounded(StrictMath.sin(angle));
    double centerX = width / 2.0;
    double centerY = height / 2.0;
    return new AffineTransform(
        cosine,
        sine,
        cosine * -centerX + sine * -centerY + 0.0 + centerX,
        -sine,
        cosine,
        -sine * -centerX + cosine * -centerY + 0.0 + centerY);
  }

  private static double rounded(double value) {
    return new BigDecimal(value).setScale(ROTATION_DIGITS, RoundingMode.HALF_EVEN).doubleValue();
  }

  /**
   * Moves the pixels.
   *
   * @param fill red, green and blue of what lies outside, in levels
   */
  public void apply(RgbPlanes image, Interpolation interpolation, int[] fill) {
    byte[] from = image.copy();
    boolean cubic = interpolation == Interpolation.BICUBIC;
    int width = image.width;
    int height = image.height;
    for (int y = 0; y < height; y++) {
      double yCenter = y + 0.5;
      int line = image.offset + y * width;
      for (int x = 0; x < width; x++) {
        double xCenter = x + 0.5;
        double xIn = xx * xCenter + xy * yCenter + x0;
        double yIn = yx * xCenter + yy * yCenter + y0;
        if (!(xIn >= 0 && xIn < width && yIn >= 0 && yIn < height)) {
          for (int channel = 0; channel < RgbPlanes.CHANNELS; channel++) {
            image.levels[line + x + channel * image.area] = (byte) fill[channel];
          }
        } else if (cubic) {
          cubic(image, from, xIn - 0.5, yIn - 0.5, line + x);
        } else {
          linear(image, from, xIn - 0.5, yIn - 0.5, line + x);
        }
      }
    }
  }

  private static int floor(double value) {
    int cut = (int) value;
    return value < cut ? cut - 1 : cut;
  }

  private static void linear(RgbPlanes image, byte[] from, double xIn, double yIn, int into) {
    int x = floor(xIn);
    int y = floor(yIn);
    double dx = xIn - x;
    double dy = yIn - y;
    int left = Math.max(x, 0);
    int right = Math.min(x + 1, image.width - 1);
    int above = Math.max(y, 0) * image.width;
    int below = Math.min(y + 1, image.height - 1) * image.width;
    for (int channel = 0; channel < RgbPlanes.CHANNELS; channel++) {
      int plane = channel * image.area;
      double first = linear(from, plane + above + left, plane + above + right, dx);
      double second = linear(from, plane + below + left, plane + below + right, dx);
      image.levels[into + plane] = (byte) (int) (first + (second - first) * dy);
    }
  }

  private static double linear(byte[] from, int left, int right, double share) {
    int first = from[left] & 255;
    return first + ((from[right] & 255) - first) * share;
  }

  private static void cubic(RgbPlanes image, byte[] from, double xIn, double yIn, int into) {
    int x = floor(xIn);
    int y = floor(yIn);
    double dx = xIn - x;
    double dy = yIn - y;
    int lastX = image.width - 1;
    int a = Math.max(x - 1, 0);
    int b = Math.max(x, 0);
    int c = Math.min(x + 1, lastX);
    int d = Math.min(x + 2, lastX);
    int lastY = image.height - 1;
    int width = image.width;
    int lineA = Math.max(y - 1, 0) * width;
    int lineB = Math.max(y, 0) * width;
    int lineC = Math.min(y + 1, lastY) * width;
    int lineD = Math.min(y + 2, lastY) * width;
    for (int channel = 0; channel < RgbPlanes.CHANNELS; channel++) {
      double value = line(from, lineB, a, b, c, d, dx);
      if (dy != 0) {
        double above = line(from, lineA, a, b, c, d, dx);
        double below = line(from, lineC, a, b, c, d, dx);
        double last = line(from, lineD, a, b, c, d, dx);
        value = cubic(above, value, below, last, dy);
      }
      image.levels[into] = (byte) (value <= 0.0 ? 0 : value >= 255.0 ? 255 : (int) value);
      into += image.area;
      lineA += image.area;
      lineB += image.area;
      lineC += image.area;
      lineD += image.area;
    }
  }

  private static double line(byte[] from, int line, int a, int b, int c, int d, double share) {
    int second = from[line + b] & 255;
    if (share == 0) {
      return second;
    }
    int first = from[line + a] & 255;
    int third = from[line + c] & 255;
    int fourth = from[line + d] & 255;
    int linear = third - first;
    int square = 2 * (first - second) + third - fourth;
    int cube = second - first - third + fourth;
    return second + share * (linear + share * (square + share * cube));
  }

  private static double cubic(double first, double second, double third, double fourth, double at) {
    double linear = -first + third;
    double square = 2 * (first - second) + third - fourth;
    double cube = -first + second - third + fourth;
    return second + at * (linear + at * (square + at * cube));
  }
}

package io.simmim.operators.image.pixel;

/**
 * Pillow's {@code ImageEnhance}: a mixture of an image and what is left of it without its colour,
 * contrast, brightness or sharpness. A factor of 1 changes nothing, 0 leaves what is without, and
 * more than 1 goes beyond the image.
 *
 * <p>Mixtures are computed in float32, a product and then a sum, and are cut to whole levels.
 * Builds of Pillow whose compiler fuses the two, as on arm64, may differ by one level.
 */
public final class Enhancement {
  private static final int RED = 19595;
  private static final int GREEN = 38470;
  private static final int BLUE = 7471;
  private static final int HALF = 0x8000;
  private static final int FRACTION_BITS = 16;

  /** Weights of a pixel and its eight neighbours where an image is smoothed. */
  private static final float CENTER = 5f / 13;

  private static final float NEIGHBOUR = 1f / 13;

  private Enhancement() {}

  /** From grey to colourful. */
  public static void color(RgbPlanes image, double factor) {
    float share = (float) factor;
    byte[] levels = image.levels;
    int area = image.area;
    for (int i = image.offset; i < image.offset + area; i++) {
      int red = levels[i] & 255;
      int green = levels[i + area] & 255;
      int blue = levels[i + 2 * area] & 255;
      int gray = gray(red, green, blue);
      levels[i] = (byte) mixed(gray, red, share);
      levels[i + area] = (byte) mixed(gray, green, share);
      levels[i + 2 * area] = (byte) mixed(gray, blue, share);
    }
  }

  /** From the mean grey of the image to strong contrasts. */
  public static void contrast(RgbPlanes image, double factor) {
    float share = (float) factor;
    byte[] levels = image.levels;
    int area = image.area;
    long sum = 0;
    for (int i = image.offset; i < image.offset + area; i++) {
      sum += gray(levels[i] & 255, levels[i + area] & 255, levels[i + 2 * area] & 255);
    }
    int mean = (int) ((double) sum / area + 0.5);
    LevelTable.replace(image, level -> mixed(mean, level, share));
  }

  /** From black to bright. */
  public static void brightness(RgbPlanes image, double factor) {
    float share = (float) factor;
    LevelTable.replace(image, level -> mixed(0, level, share));
  }

  /** From smoothed to sharpened. Pixels at the edge, and images of fewer than 3 lines, stay. */
  public static void sharpness(RgbPlanes image, double factor) {
    float share = (float) factor;
    byte[] from = image.copy();
    for (int channel = 0; channel < RgbPlanes.CHANNELS; channel++) {
      for (int y = 1; y < image.height - 1; y++) {
        sharpen(image, from, channel * image.area + y * image.width, share);
      }
    }
  }

  private static void sharpen(RgbPlanes image, byte[] from, int line, float share) {
    byte[] levels = image.levels;
    int width = image.width;
    for (int at = line + 1; at < line + width - 1; at++) {
      int level = from[at] & 255;
      float sum = 0.5f;
      sum += around(from, at + width, NEIGHBOUR);
      sum += around(from, at, CENTER);
      sum += around(from, at - width, NEIGHBOUR);
      int smooth = sum <= 0f ? 0 : sum >= 255f ? 255 : (int) sum;
      levels[image.offset + at] = (byte) mixed(smooth, level, share);
    }
  }

  /** The sum of three neighbours in a line. */
  private static float around(byte[] from, int at, float middle) {
    return (from[at - 1] & 255) * NEIGHBOUR
        + (from[at] & 255) * middle
        + (from[at + 1] & 255) * NEIGHBOUR;
  }

  /** ITU-R 601-2 in fixed point, rounded. */
  private static int gray(int red, int green, int blue) {
    return (red * RED + green * GREEN + blue * BLUE + HALF) >> FRACTION_BITS;
  }

  private static int mixed(int without, int with, float share) {
    return LevelTable.clamp((int) (without + share * (with - without)));
  }
}

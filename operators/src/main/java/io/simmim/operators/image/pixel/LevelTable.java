package io.simmim.operators.image.pixel;

import java.util.function.IntUnaryOperator;

/**
 * Operations that replace each level by another, whatever its neighbours are: Pillow's {@code
 * ImageOps}. Those that look at a histogram do so for each channel by itself.
 */
public final class LevelTable {
  static final int LEVELS = 256;
  private static final int BITS = 8;

  private LevelTable() {}

  /** Stretches the levels of each channel so that they reach from 0 to 255. */
  public static void autoContrast(RgbPlanes image) {
    byte[] table = new byte[LEVELS];
    for (int channel = 0; channel < RgbPlanes.CHANNELS; channel++) {
      int[] histogram = histogram(image, channel);
      int low = 0;
      while (low < LEVELS - 1 && histogram[low] == 0) {
        low++;
      }
      int high = LEVELS - 1;
      while (high > 0 && histogram[high] == 0) {
        high--;
      }
      if (high > low) {
        double scale = 255.0 / (high - low);
        double shift = -low * scale;
        for (int level = 0; level < LEVELS; level++) {
          table[level] = (byte) clamp((int) (level * scale + shift));
        }
        replace(image, channel, table);
      }
    }
  }

  /** Makes the levels of each channel about equally frequent. */
  public static void equalize(RgbPlanes image) {
    byte[] table = new byte[LEVELS];
    for (int channel = 0; channel < RgbPlanes.CHANNELS; channel++) {
      int[] histogram = histogram(image, channel);
      int last = LEVELS - 1;
      while (histogram[last] == 0) {
        last--;
      }
      // One level alone gives 0, which is a step that leaves the channel as it is.
      int step = (image.area - histogram[last]) / (LEVELS - 1);
      if (step > 0) {
        int below = step / 2;
        for (int level = 0; level < LEVELS; level++) {
          table[level] = (byte) clamp(below / step);
          below += histogram[level];
        }
        replace(image, channel, table);
      }
    }
  }

  /** Turns each level into its opposite. */
  public static void invert(RgbPlanes image) {
    replace(image, level -> LEVELS - 1 - level);
  }

  /**
   * Keeps the highest bits of each level.
   *
   * @param bits how many; 8 or more change nothing, 0 or fewer leave black
   */
  public static void posterize(RgbPlanes image, int bits) {
    if (bits < BITS) {
      int mask = -(1 << (BITS - Math.max(bits, 0)));
      replace(image, level -> level & mask);
    }
  }

  /**
   * Inverts the brighter levels.
   *
   * @param threshold the lowest level that is inverted
   */
  public static void solarize(RgbPlanes image, int threshold) {
    replace(image, level -> level < threshold ? level : LEVELS - 1 - level);
  }

  /**
   * Brightens the levels of the darker half.
   *
   * @param added to each level below 128; what exceeds 255 is 255
   */
  public static void solarizeAdd(RgbPlanes image, int added) {
    replace(image, level -> level < LEVELS / 2 ? clamp(level + added) : level);
  }

  /** Replaces the levels of all channels alike. */
  static void replace(RgbPlanes image, IntUnaryOperator operation) {
    byte[] table = new byte[LEVELS];
    for (int level = 0; level < LEVELS; level++) {
      table[level] = (byte) operation.applyAsInt(level);
    }
    for (int channel = 0; channel < RgbPlanes.CHANNELS; channel++) {
      replace(image, channel, table);
    }
  }

  private static void replace(RgbPlanes image, int channel, byte[] table) {
    byte[] levels = image.levels;
    int from = image.offset + channel * image.area;
    for (int i = from; i < from + image.area; i++) {
      levels[i] = table[levels[i] & 255];
    }
  }

  private static int[] histogram(RgbPlanes image, int channel) {
    int[] counts = new int[LEVELS];
    byte[] levels = image.levels;
    int from = image.offset + channel * image.area;
    for (int i = from; i < from + image.area; i++) {
      counts[levels[i] & 255]++;
    }
    return counts;
  }

  static int clamp(int level) {
    return Math.max(0, Math.min(LEVELS - 1, level));
  }
}

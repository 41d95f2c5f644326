package io.simmim.operators.image.crop;

/**
 * Weights of Pillow's antialiased bilinear filter for one direction of one resize, in fixed point
 * with 22 bits (Pillow, {@code Resample.c}: precompute_coeffs, normalize_coeffs_8bpc). The triangle
 * is as wide as the scale, at least one source pixel to each side. Not thread-safe; reused.
 */
final class LineFilter {
  /** 32 bits, less 8 for the pixel and 2 for the sum: Pillow's PRECISION_BITS. */
  static final int FRACTION_BITS = 22;

  static final int HALF = 1 << (FRACTION_BITS - 1);

  /** Index of the first source line of each target line. */
  int[] first = new int[0];

  /** Weights of target line i begin at {@code i * taps}; unused ones are 0. */
  int[] weights = new int[0];

  /** Number of source lines of each target line. */
  int[] counts = new int[0];

  /** Largest number of source lines, rounded up to whole groups of {@link LineBlend}. */
  int taps;

  private double[] line = new double[0];

  /** Bytes of heap that {@link #prepare} takes for these numbers of lines. */
  static long heapBytes(int source, int target) {
    double support = Math.max((double) source / target, 1.0);
    long bound = (long) Math.ceil(support) * 2 + LineBlend.GROUP;
    return bound * (Double.BYTES + (long) target * Integer.BYTES)
        + (long) target * 2 * Integer.BYTES;
  }

  /**
   * @param source number of source lines
   * @param target number of target lines
   */
  void prepare(int source, int target) {
    double scale = (double) source / target;
    double support = Math.max(scale, 1.0);
    double sharpness = 1.0 / support;
    int bound = (int) Math.ceil(support) * 2 + 1;
    reserve(target, bound);
    for (int i = 0; i < target; i++) {
      double center = (i + 0.5) * scale;
      int from = Math.max((int) (center - support + 0.5), 0);
      int count = Math.min((int) (center + support + 0.5), source) - from;
      double sum = 0;
      for (int t = 0; t < count; t++) {
        double distance = Math.abs((t + from - center + 0.5) * sharpness);
        line[t] = distance < 1.0 ? 1.0 - distance : 0.0;
        sum += line[t];
      }
      first[i] = from;
      counts[i] = count;
      for (int t = 0; t < taps; t++) {
        weights[i * taps + t] = t < count ? (int) (0.5 + line[t] / sum * (1 << FRACTION_BITS)) : 0;
      }
    }
  }

  private void reserve(int target, int bound) {
    taps = (bound + LineBlend.GROUP - 1) / LineBlend.GROUP * LineBlend.GROUP;
    if (counts.length < target) {
      first = new int[target];
      counts = new int[target];
    }
    if (weights.length < target * taps) {
      weights = new int[target * taps];
    }
    if (line.length < bound) {
      line = new double[bound];
    }
  }
}

package io.simmim.operators.image.crop;

/**
 * Weights of one of Pillow's antialiased filters for one direction of one resize, in fixed point
 * with 22 bits (Pillow, {@code Resample.c}: precompute_coeffs, normalize_coeffs_8bpc). The filter
 * is as wide as the scale, and at least its support to each side. Not thread-safe; reused.
 */
final class LineFilter {
  /** 32 bits, less 8 for the pixel and 2 for the sum: Pillow's PRECISION_BITS. */
  static final int FRACTION_BITS = 22;

  static final int HALF = 1 << (FRACTION_BITS - 1);

  /** Index of the first source line of each target line, counted from {@link #start}. */
  int[] first = new int[0];

  /** Weights of target line i begin at {@code i * taps}; unused ones are 0. */
  int[] weights = new int[0];

  /** Number of source lines of each target line. */
  int[] counts = new int[0];

  /** Largest number of source lines, rounded up to whole groups of {@link LineBlend}. */
  int taps;

  /** Whether sums may lie outside of 0 to 255. */
  boolean overshoots;

  /** The first source line that has a weight. */
  int start;

  /** Source lines from {@link #start} on that have weights. */
  int length;

  private double[] line = new double[0];

  /**
   * One direction of a resize.
   *
   * @param source number of source lines
   * @param scaled number of lines that they become
   * @param from first of these that is wanted
   * @param count number of those that are wanted
   */
  record Lines(int source, long scaled, long from, int count, Interpolation interpolation) {
    static Lines horizontal(ResizedCrop crop) {
      return new Lines(
          crop.source().width(),
          crop.scaledWidth(),
          crop.left(),
          crop.size(),
          crop.interpolation());
    }

    static Lines vertical(ResizedCrop crop) {
      return new Lines(
          crop.source().height(),
          crop.scaledHeight(),
          crop.top(),
          crop.size(),
          crop.interpolation());
    }

    /** Source lines per target line. */
    double scale() {
      return (double) source / scaled;
    }

    /** Source lines to each side that have weights. */
    double support() {
      return interpolation.support * Math.max(scale(), 1.0);
    }

    double center(int target, double scale) {
      return (from + target + 0.5) * scale;
    }

    /** Number of source lines that have weights. */
    int length() {
      return end(center(count - 1, scale()), support(), source)
          - first(center(0, scale()), support());
    }

    /** Bytes of heap that {@link #prepare} takes. */
    long heapBytes() {
      long bound = (long) Math.ceil(support()) * 2 + LineBlend.GROUP;
      return bound * (Double.BYTES + (long) count * Integer.BYTES)
          + (long) count * 2 * Integer.BYTES;
    }
  }

  private static int first(double center, double support) {
    return Math.max((int) (center - support + 0.5), 0);
  }

  private static int end(double center, double support, int source) {
    return Math.min((int) (center + support + 0.5), source);
  }

  /** Computes the weights. */
  void prepare(Lines lines) {
    Interpolation interpolation = lines.interpolation;
    double scale = lines.scale();
    double support = lines.support();
    double sharpness = 1.0 / Math.max(scale, 1.0);
    reserve(lines.count, (int) Math.ceil(support) * 2 + 1);
    overshoots = interpolation.overshoots();
    start = first(lines.center(0, scale), support);
    length = lines.length();
    for (int i = 0; i < lines.count; i++) {
      double center = lines.center(i, scale);
      int from = first(center, support);
      int count = end(center, support, lines.source) - from;
      double sum = 0;
      for (int t = 0; t < count; t++) {
        line[t] = interpolation.weight(Math.abs((t + from - center + 0.5) * sharpness));
        sum += line[t];
      }
      first[i] = from - start;
      counts[i] = count;
      for (int t = 0; t < taps; t++) {
        weights[i * taps + t] = t < count ? fixedPoint(line[t] / sum) : 0;
      }
    }
  }

  private static int fixedPoint(double weight) {
    return (int) (weight * (1 << FRACTION_BITS) + (weight < 0 ? -0.5 : 0.5));
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

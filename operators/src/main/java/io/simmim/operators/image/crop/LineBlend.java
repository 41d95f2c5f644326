package io.simmim.operators.image.crop;

/**
 * Weighted sums of lines of packed pixels, the kernel of both passes of {@link CropResampler}.
 *
 * <p>Each loop reads int arrays, writes one, all at the same index, and does nothing but
 * arithmetic: that is the form that HotSpot's C2 turns into vector instructions without the Vector
 * API, which needs a JVM flag that a stock Flink does not set. One loop for the three channels
 * stays scalar: 109 µs of CPU for 128 × 192 pixels of four lines instead of 41 ({@code
 * LineBlendBenchmark}).
 */
final class LineBlend {
  /** Lines per loop; the filter pads its weights to a multiple of it. */
  static final int GROUP = 4;

  private static final int BITS = LineFilter.FRACTION_BITS;
  private static final int HALF = LineFilter.HALF;
  private static final int LARGEST = (256 << BITS) - 1;

  /** Sums per channel in 22-bit fixed point, half a level included. */
  private int[] red = new int[0];

  private int[] green = new int[0];
  private int[] blue = new int[0];

  /** Makes room for lines of {@code length} pixels. */
  void reserve(int length) {
    if (blue.length < length) {
      // In this order: should the heap end in between, the last one says that it did.
      red = new int[length];
      green = new int[length];
      blue = new int[length];
    }
  }

  /**
   * Sums {@code filter}'s lines for one target line and rounds. Without negative weights a sum
   * never exceeds 255: the weights of a line sum to 2^22 and a few.
   *
   * @param lines packed pixels, R | G &lt;&lt; 8 | B &lt;&lt; 16
   * @param filter weights, prepared for the number of {@code lines}
   * @param target number of the target line
   * @param into packed pixels
   * @param from first pixel of the lines
   * @param to end of the pixels
   */
  void blend(int[][] lines, LineFilter filter, int target, int[] into, int from, int to) {
    int first = filter.first[target];
    int last = first + filter.counts[target] - 1;
    int[] w = filter.weights;
    int at = target * filter.taps;
    for (int line = first; line <= last; line += GROUP, at += GROUP) {
      int[] a = lines[line];
      int[] b = lines[Math.min(line + 1, last)];
      int[] c = lines[Math.min(line + 2, last)];
      int[] d = lines[Math.min(line + 3, last)];
      int wa = w[at];
      int wb = w[at + 1];
      int wc = w[at + 2];
      int wd = w[at + 3];
      if (line == first) {
        startRed(red, a, b, c, d, wa, wb, wc, wd, from, to);
        startGreen(green, a, b, c, d, wa, wb, wc, wd, from, to);
        startBlue(blue, a, b, c, d, wa, wb, wc, wd, from, to);
      } else {
        addRed(red, a, b, c, d, wa, wb, wc, wd, from, to);
        addGreen(green, a, b, c, d, wa, wb, wc, wd, from, to);
        addBlue(blue, a, b, c, d, wa, wb, wc, wd, from, to);
      }
    }
    if (filter.overshoots) {
      clamp(red, from, to);
      clamp(green, from, to);
      clamp(blue, from, to);
    }
    pack(into, red, green, blue, from, to);
  }

  private static void startRed(
      int[] r,
      int[] a,
      int[] b,
      int[] c,
      int[] d,
      int wa,
      int wb,
      int wc,
      int wd,
      int from,
      int to) {
    for (int i = from; i < to; i++) {
      r[i] = (a[i] & 255) * wa + (b[i] & 255) * wb + (c[i] & 255) * wc + (d[i] & 255) * wd + HALF;
    }
  }

  private static void startGreen(
      int[] r,
      int[] a,
      int[] b,
      int[] c,
      int[] d,
      int wa,
      int wb,
      int wc,
      int wd,
      int from,
      int to) {
    for (int i = from; i < to; i++) {
      r[i] =
          ((a[i] >> 8) & 255) * wa
              + ((b[i] >> 8) & 255) * wb
              + ((c[i] >> 8) & 255) * wc
              + ((d[i] >> 8) & 255) * wd
              + HALF;
    }
  }

  private static void startBlue(
      int[] r,
      int[] a,
      int[] b,
      int[] c,
      int[] d,
      int wa,
      int wb,
      int wc,
      int wd,
      int from,
      int to) {
    for (int i = from; i < to; i++) {
      r[i] = (a[i] >> 16) * wa + (b[i] >> 16) * wb + (c[i] >> 16) * wc + (d[i] >> 16) * wd + HALF;
    }
  }

  private static void addRed(
      int[] r,
      int[] a,
      int[] b,
      int[] c,
      int[] d,
      int wa,
      int wb,
      int wc,
      int wd,
      int from,
      int to) {
    for (int i = from; i < to; i++) {
      r[i] += (a[i] & 255) * wa + (b[i] & 255) * wb + (c[i] & 255) * wc + (d[i] & 255) * wd;
    }
  }

  private static void addGreen(
      int[] r,
      int[] a,
      int[] b,
      int[] c,
      int[] d,
      int wa,
      int wb,
      int wc,
      int wd,
      int from,
      int to) {
    for (int i = from; i < to; i++) {
      r[i] +=
          ((a[i] >> 8) & 255) * wa
              + ((b[i] >> 8) & 255) * wb
              + ((c[i] >> 8) & 255) * wc
              + ((d[i] >> 8) & 255) * wd;
    }
  }

  private static void addBlue(
      int[] r,
      int[] a,
      int[] b,
      int[] c,
      int[] d,
      int wa,
      int wb,
      int wc,
      int wd,
      int from,
      int to) {
    for (int i = from; i < to; i++) {
      r[i] += (a[i] >> 16) * wa + (b[i] >> 16) * wb + (c[i] >> 16) * wc + (d[i] >> 16) * wd;
    }
  }

  private static void clamp(int[] sums, int from, int to) {
    for (int i = from; i < to; i++) {
      sums[i] = Math.max(0, Math.min(sums[i], LARGEST));
    }
  }

  private static void pack(int[] into, int[] r, int[] g, int[] b, int from, int to) {
    for (int i = from; i < to; i++) {
      into[i] = (r[i] >>> BITS) | ((g[i] >>> BITS) << 8) | ((b[i] >>> BITS) << 16);
    }
  }
}

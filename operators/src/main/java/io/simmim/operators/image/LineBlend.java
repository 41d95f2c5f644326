package io.simmim.operators.image;

/**
 * Weighted sums of lines of packed pixels, the kernel of both passes of {@link CropResampler}.
 *
 * <p>Each loop reads and writes separate int arrays at the same index and does nothing but
 * arithmetic: that is the form that HotSpot's C2 turns into vector instructions without the Vector
 * API, which needs a JVM flag that a stock Flink does not set.
 */
final class LineBlend {
  /** Sums per channel in 22-bit fixed point, half a level included. */
  int[] red = new int[0];

  int[] green = new int[0];
  int[] blue = new int[0];

  /** Makes room for lines of {@code length} pixels. */
  void reserve(int length) {
    if (red.length < length) {
      red = new int[length];
      green = new int[length];
      blue = new int[length];
    }
  }

  /**
   * Sums {@code filter}'s lines for one target line.
   *
   * @param lines packed pixels, R | G &lt;&lt; 8 | B &lt;&lt; 16
   * @param filter weights, prepared for the number of {@code lines}
   * @param target number of the target line
   * @param from first pixel of the lines
   * @param to end of the pixels
   */
  void blend(int[][] lines, TriangleFilter filter, int target, int from, int to) {
    int first = filter.first[target];
    int count = filter.counts[target];
    int weight = target * filter.taps;
    int[] w = filter.weights;
    int last = first + count - 1;
    int[] second = lines[Math.min(first + 1, last)];
    start(lines[first], second, w[weight], w[weight + 1], from, to);
    for (int t = 2; t < count; t += 2) {
      int[] a = lines[first + t];
      int[] b = lines[Math.min(first + t + 1, last)];
      add(a, b, w[weight + t], w[weight + t + 1], from, to);
    }
  }

  private void start(int[] a, int[] b, int wa, int wb, int from, int to) {
    int[] r = red;
    int[] g = green;
    int[] bl = blue;
    for (int i = from; i < to; i++) {
      int p = a[i];
      int q = b[i];
      r[i] = (p & 255) * wa + (q & 255) * wb + TriangleFilter.HALF;
      g[i] = ((p >> 8) & 255) * wa + ((q >> 8) & 255) * wb + TriangleFilter.HALF;
      bl[i] = (p >> 16) * wa + (q >> 16) * wb + TriangleFilter.HALF;
    }
  }

  private void add(int[] a, int[] b, int wa, int wb, int from, int to) {
    int[] r = red;
    int[] g = green;
    int[] bl = blue;
    for (int i = from; i < to; i++) {
      int p = a[i];
      int q = b[i];
      r[i] += (p & 255) * wa + (q & 255) * wb;
      g[i] += ((p >> 8) & 255) * wa + ((q >> 8) & 255) * wb;
      bl[i] += (p >> 16) * wa + (q >> 16) * wb;
    }
  }

  /**
   * Rounds the sums to packed pixels. They never exceed 255: the weights of a line sum to 2^22 and
   * a few.
   */
  void pack(int[] into, int from, int to) {
    int[] r = red;
    int[] g = green;
    int[] b = blue;
    for (int i = from; i < to; i++) {
      into[i] =
          (r[i] >>> TriangleFilter.FRACTION_BITS)
              | ((g[i] >>> TriangleFilter.FRACTION_BITS) << 8)
              | ((b[i] >>> TriangleFilter.FRACTION_BITS) << 16);
    }
  }
}

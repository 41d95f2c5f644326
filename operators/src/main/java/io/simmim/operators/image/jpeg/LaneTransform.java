package io.simmim.operators.image.jpeg;

import java.util.Arrays;

/**
 * Inverse DCT and colour conversion of 64 blocks at a time, equal to libjpeg's accurate integer
 * method (its {@code islow}: Loeffler, Ligtenberg and Moschytz, "Practical fast 1-D DCT algorithms
 * with 11 multiplications", ICASSP 1989, with 13-bit constants) and its conversion from YCbCr.
 *
 * <p>Lanes: element (r, c) of block b is at {@code (8 r + c) * 64 + b}, so the same operation on
 * all blocks is one loop over neighbouring ints. The loops are kept so small, with the eleven
 * multiplications multiplied out, that HotSpot's C2 turns each into vector instructions: both
 * passes take 34 ns of CPU per block where a pass in one loop stays scalar and takes 47 ns ({@code
 * LaneTransformBenchmark}).
 */
final class LaneTransform {
  /** Blocks per call. */
  static final int LANES = 64;

  /** Lanes of one row of each block. */
  private static final int ROW = 8 * LANES;

  /** Lanes of 64 blocks. */
  static final int SIZE = 64 * LANES;

  private static final int SHIFT_1 = 11;
  private static final int SHIFT_2 = 18;
  private static final int ROUND_1 = 1 << (SHIFT_1 - 1);

  /** Half a level, and 128 levels: samples are stored around zero. */
  private static final int ROUND_2 = (1 << (SHIFT_2 - 1)) + (128 << SHIFT_2);

  // The even part: 0.541196100 times 8192, plus 0.765366865, minus 1.847759065.
  private static final int E2 = 4433 + 6270;
  private static final int E6 = 4433;
  private static final int F2 = 4433;
  private static final int F6 = 4433 - 15137;

  // The odd part, by output and input; 1.175875602 times 8192 is 9633.
  private static final int A1 = 12299 - 7373 - 3196 + 9633;
  private static final int A3 = 9633;
  private static final int A5 = -3196 + 9633;
  private static final int A7 = -7373 + 9633;
  private static final int B1 = 9633;
  private static final int B3 = 25172 - 20995 - 16069 + 9633;
  private static final int B5 = -20995 + 9633;
  private static final int B7 = -16069 + 9633;
  private static final int C1 = -3196 + 9633;
  private static final int C3 = -20995 + 9633;
  private static final int C5 = 16819 - 20995 - 3196 + 9633;
  private static final int C7 = 9633;
  private static final int D1 = -7373 + 9633;
  private static final int D3 = -16069 + 9633;
  private static final int D5 = 9633;
  private static final int D7 = 2446 - 7373 - 16069 + 9633;

  // libjpeg's conversion, in 16-bit fixed point: 1.402, 0.344136, 0.714136, 1.772.
  static final int CR_TO_RED = 91881;
  static final int CB_TO_GREEN = -22554;
  static final int CR_TO_GREEN = -46802;
  static final int CB_TO_BLUE = 116130;
  static final int HALF = 1 << 15;
  private static final int RED_OFFSET = HALF - 128 * CR_TO_RED;
  private static final int GREEN_OFFSET = HALF - 128 * (CB_TO_GREEN + CR_TO_GREEN);
  private static final int BLUE_OFFSET = HALF - 128 * CB_TO_BLUE;

  /**
   * Largest sum of magnitudes in a column of coefficients for which nothing overflows in 16 bits,
   * as libjpeg-turbo's vector code calculates: the first pass multiplies a sum by at most 4 x 1.39,
   * the second adds two of its results.
   */
  private static final int LARGEST_COLUMN = 2900;

  private final int[] even = new int[4 * ROW];
  private final int[] work = new int[SIZE];

  /** By column and block: negative where a column was out of range. */
  private final int[] room = new int[ROW];

  /**
   * Quantization steps in the order of lanes, so that dequantizing is one loop over all lanes.
   *
   * @param steps (64), by row and column, of the first half of the blocks
   * @param otherSteps of the second half
   */
  static void spread(int[] steps, int[] otherSteps, int[] lanes) {
    for (int k = 0; k < 64; k++) {
      Arrays.fill(lanes, k * LANES, k * LANES + LANES / 2, steps[k]);
      Arrays.fill(lanes, k * LANES + LANES / 2, (k + 1) * LANES, otherSteps[k]);
    }
  }

  /**
   * Turns coefficients into samples.
   *
   * @param lanes coefficients at (row, column) before; samples 0 to 255 at (column, row) after
   * @param steps quantization step of each element, see {@link #spread}
   */
  void invert(int[] lanes, int[] steps) {
    dequantize(lanes, steps);
    measureColumns(lanes, room);
    evenPart(lanes, even, ROUND_1);
    columns(lanes, even, work);
    for (int r = 0; r < 8; r++) {
      for (int c = 0; c < 8; c++) {
        System.arraycopy(work, (r * 8 + c) * LANES, lanes, (c * 8 + r) * LANES, LANES);
      }
    }
    evenPart(lanes, even, ROUND_2);
    rows(lanes, even, work);
    clamp(work, lanes);
  }

  private static void dequantize(int[] lanes, int[] steps) {
    for (int i = 0; i < SIZE; i++) {
      lanes[i] *= steps[i];
    }
  }

  /** A magnitude less one is as good here as the magnitude, and needs no branch. */
  private static void measureColumns(int[] in, int[] room) {
    for (int i = 0; i < ROW; i++) {
      int a = in[i] ^ (in[i] >> 31);
      int b = in[ROW + i] ^ (in[ROW + i] >> 31);
      int c = in[2 * ROW + i] ^ (in[2 * ROW + i] >> 31);
      int d = in[3 * ROW + i] ^ (in[3 * ROW + i] >> 31);
      int e = in[4 * ROW + i] ^ (in[4 * ROW + i] >> 31);
      int f = in[5 * ROW + i] ^ (in[5 * ROW + i] >> 31);
      int g = in[6 * ROW + i] ^ (in[6 * ROW + i] >> 31);
      int h = in[7 * ROW + i] ^ (in[7 * ROW + i] >> 31);
      room[i] |= LARGEST_COLUMN - (a + b + c + d + e + f + g + h);
    }
  }

  /** Begins an image: nothing is out of range yet. */
  void begin() {
    Arrays.fill(room, 0);
  }

  /**
   * Whether there were coefficients that no encoder makes of pixels. Beyond that range libjpeg's
   * variants differ from each other, and from this.
   */
  boolean isOutOfRange() {
    int all = 0;
    for (int one : room) {
      all |= one;
    }
    return all < 0;
  }

  private static void evenPart(int[] in, int[] out, int round) {
    for (int i = 0; i < ROW; i++) {
      int s = ((in[i] + in[4 * ROW + i]) << 13) + round;
      int t = in[2 * ROW + i] * E2 + in[6 * ROW + i] * E6;
      out[i] = s + t;
      out[3 * ROW + i] = s - t;
    }
    for (int i = 0; i < ROW; i++) {
      // Not (a - b) << 13: that keeps the loop scalar here.
      int s = (in[i] << 13) - (in[4 * ROW + i] << 13) + round;
      int t = in[2 * ROW + i] * F2 + in[6 * ROW + i] * F6;
      out[ROW + i] = s + t;
      out[2 * ROW + i] = s - t;
    }
  }

  private static void columns(int[] in, int[] even, int[] out) {
    for (int i = 0; i < ROW; i++) {
      int e = even[i];
      int o = in[ROW + i] * A1 + in[3 * ROW + i] * A3 + in[5 * ROW + i] * A5 + in[7 * ROW + i] * A7;
      out[i] = (e + o) >> SHIFT_1;
      out[7 * ROW + i] = (e - o) >> SHIFT_1;
    }
    for (int i = 0; i < ROW; i++) {
      int e = even[ROW + i];
      int o = in[ROW + i] * B1 + in[3 * ROW + i] * B3 + in[5 * ROW + i] * B5 + in[7 * ROW + i] * B7;
      out[ROW + i] = (e + o) >> SHIFT_1;
      out[6 * ROW + i] = (e - o) >> SHIFT_1;
    }
    for (int i = 0; i < ROW; i++) {
      int e = even[2 * ROW + i];
      int o = in[ROW + i] * C1 + in[3 * ROW + i] * C3 + in[5 * ROW + i] * C5 + in[7 * ROW + i] * C7;
      out[2 * ROW + i] = (e + o) >> SHIFT_1;
      out[5 * ROW + i] = (e - o) >> SHIFT_1;
    }
    for (int i = 0; i < ROW; i++) {
      int e = even[3 * ROW + i];
      int o = in[ROW + i] * D1 + in[3 * ROW + i] * D3 + in[5 * ROW + i] * D5 + in[7 * ROW + i] * D7;
      out[3 * ROW + i] = (e + o) >> SHIFT_1;
      out[4 * ROW + i] = (e - o) >> SHIFT_1;
    }
  }

  private static void rows(int[] in, int[] even, int[] out) {
    for (int i = 0; i < ROW; i++) {
      int e = even[i];
      int o = in[ROW + i] * A1 + in[3 * ROW + i] * A3 + in[5 * ROW + i] * A5 + in[7 * ROW + i] * A7;
      out[i] = (e + o) >> SHIFT_2;
      out[7 * ROW + i] = (e - o) >> SHIFT_2;
    }
    for (int i = 0; i < ROW; i++) {
      int e = even[ROW + i];
      int o = in[ROW + i] * B1 + in[3 * ROW + i] * B3 + in[5 * ROW + i] * B5 + in[7 * ROW + i] * B7;
      out[ROW + i] = (e + o) >> SHIFT_2;
      out[6 * ROW + i] = (e - o) >> SHIFT_2;
    }
    for (int i = 0; i < ROW; i++) {
      int e = even[2 * ROW + i];
      int o = in[ROW + i] * C1 + in[3 * ROW + i] * C3 + in[5 * ROW + i] * C5 + in[7 * ROW + i] * C7;
      out[2 * ROW + i] = (e + o) >> SHIFT_2;
      out[5 * ROW + i] = (e - o) >> SHIFT_2;
    }
    for (int i = 0; i < ROW; i++) {
      int e = even[3 * ROW + i];
      int o = in[ROW + i] * D1 + in[3 * ROW + i] * D3 + in[5 * ROW + i] * D5 + in[7 * ROW + i] * D7;
      out[3 * ROW + i] = (e + o) >> SHIFT_2;
      out[4 * ROW + i] = (e - o) >> SHIFT_2;
    }
  }

  /** Without Math.min and Math.max, which keep the loop scalar here. */
  private static void clamp(int[] in, int[] out) {
    for (int i = 0; i < SIZE; i++) {
      int v = in[i];
      v &= ~(v >> 31);
      int excess = 255 - v;
      out[i] = v + (excess & (excess >> 31));
    }
  }

  /**
   * Converts samples to packed pixels, R | G &lt;&lt; 8 | B &lt;&lt; 16.
   *
   * @param y replaced by the pixels
   * @param chroma Cb | Cr &lt;&lt; 16
   * @param from first element
   * @param to end of the elements
   */
  void toRgb(int[] y, int[] chroma, int from, int to) {
    int[] rgb = work;
    for (int i = from; i < to; i++) {
      int v = y[i] + (((chroma[i] >> 16) * CR_TO_RED + RED_OFFSET) >> 16);
      v &= ~(v >> 31);
      int excess = 255 - v;
      rgb[i] = v + (excess & (excess >> 31));
    }
    for (int i = from; i < to; i++) {
      int c = chroma[i];
      int v = y[i] + (((c & 255) * CB_TO_GREEN + (c >> 16) * CR_TO_GREEN + GREEN_OFFSET) >> 16);
      v &= ~(v >> 31);
      int excess = 255 - v;
      rgb[i] |= (v + (excess & (excess >> 31))) << 8;
    }
    for (int i = from; i < to; i++) {
      int v = y[i] + (((chroma[i] & 255) * CB_TO_BLUE + BLUE_OFFSET) >> 16);
      v &= ~(v >> 31);
      int excess = 255 - v;
      y[i] = rgb[i] | ((v + (excess & (excess >> 31))) << 16);
    }
  }

  /** Packs two channels of chroma for {@link #toRgb}, into {@code cb}. */
  void packChroma(int[] cb, int[] cr) {
    for (int i = 0; i < SIZE; i++) {
      cb[i] |= cr[i] << 16;
    }
  }

  /** Spreads grey samples to packed pixels, in place. */
  void grayToRgb(int[] y) {
    for (int i = 0; i < SIZE; i++) {
      y[i] *= 0x010101;
    }
  }
}

package io.simmim.operators.image.drawn;

import io.simmim.operators.image.jpeg.JpegMarkers;
import java.util.Arrays;

/** Writes JPEGs of four components whose blocks have one color each, so that nothing is lost. */
public final class CmykJpegs {
  /** No segment of Adobe's. */
  public static final int NO_ADOBE = -1;

  /** Adobe's number for CMYK as it is. */
  public static final int CMYK = 0;

  /** Adobe's number for YCbCr and black. */
  public static final int YCCK = 2;

  private static final int CODE_BITS = 4;
  private static final int CATEGORIES = 12;

  private CmykJpegs() {}

  /** Colors that have nothing to do with each other; the same ones each time. */
  public static int[][] colors(int count) {
    int[][] colors = new int[count][4];
    int state = 12_345;
    for (int[] color : colors) {
      for (int i = 0; i < 4; i++) {
        state = state * 1_103_515_245 + 12_345;
        color[i] = state >>> 16 & 255;
      }
    }
    return colors;
  }

  public static byte[] flat(int[][] colors) {
    return flat(colors, NO_ADOBE);
  }

  /**
   * A row of blocks.
   *
   * @param colors (blocks, 4), as they are stored
   * @param transform of Adobe's segment
   */
  public static byte[] flat(int[][] colors, int transform) {
    int width = colors.length * 8;
    int[] steps = new int[65];
    Arrays.fill(steps, 1, 65, 1);
    JpegBytes file = new JpegBytes().marker(JpegMarkers.SOI);
    if (transform != NO_ADOBE) {
      file.segment(JpegMarkers.APP14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, transform);
    }
    int[] ends = new int[18];
    ends[0] = 0x10;
    ends[1] = 1;
    file.segment(JpegMarkers.DQT, steps)
        .segment(
            JpegMarkers.SOF0,
            8,
            0,
            8,
            width >> 8,
            width,
            4,
            1,
            0x11,
            0,
            2,
            0x11,
            0,
            3,
            0x11,
            0,
            4,
            0x11,
            0)
        .segment(JpegMarkers.DHT, JpegBytes.equalCodes(0, 0, CODE_BITS, CATEGORIES))
        .segment(JpegMarkers.DHT, ends)
        .segment(JpegMarkers.SOS, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0);
    int[] before = new int[4];
    for (int[] color : colors) {
      for (int i = 0; i < 4; i++) {
        int mean = (color[i] - 128) * 8;
        file.difference(mean - before[i], CODE_BITS).bits(0, 1);
        before[i] = mean;
      }
    }
    return file.end();
  }
}

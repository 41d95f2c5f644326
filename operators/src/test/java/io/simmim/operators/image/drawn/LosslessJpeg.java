package io.simmim.operators.image.drawn;

import io.simmim.operators.image.jpeg.JpegMarkers;

/** Writes lossless JPEGs (ITU-T T.81, annex H) with the left neighbour as prediction. */
public final class LosslessJpeg {
  private static final int SOF3 = 0xC3;
  private static final int CODE_BITS = 5;
  private static final int CATEGORIES = 17;

  private LosslessJpeg() {}

  /** An image of 8 bits; {@code planes} is (components, H x W), grey or RGB. */
  public static byte[] encode(int[][] planes, int width, int height) {
    return encode(planes, width, height, 8);
  }

  public static byte[] encode(int[][] planes, int width, int height, int bits) {
    int count = planes.length;
    int[] frame = new int[6 + 3 * count];
    int[] scan = new int[4 + 2 * count];
    int[] header = {bits, height >> 8, height, width >> 8, width, count};
    System.arraycopy(header, 0, frame, 0, header.length);
    scan[0] = count;
    for (int i = 0; i < count; i++) {
      frame[6 + 3 * i] = "RGB".charAt(i);
      frame[7 + 3 * i] = 0x11;
      scan[1 + 2 * i] = "RGB".charAt(i);
    }
    scan[1 + 2 * count] = 1;
    JpegBytes file =
        new JpegBytes()
            .marker(JpegMarkers.SOI)
            .segment(SOF3, frame)
            .segment(JpegMarkers.DHT, JpegBytes.equalCodes(0, 0, CODE_BITS, CATEGORIES))
            .segment(JpegMarkers.SOS, scan);
    for (int i = 0; i < width * height; i++) {
      for (int[] plane : planes) {
        int prediction = i % width > 0 ? plane[i - 1] : i > 0 ? plane[i - width] : 1 << (bits - 1);
        file.difference(plane[i] - prediction, CODE_BITS);
      }
    }
    return file.end();
  }
}

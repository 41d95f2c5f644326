package io.simmim.operators.image.crop;

import io.simmim.operators.image.codec.DecodeMemory;
import io.simmim.operators.image.codec.PixelSink;

/**
 * Collects rows of a crop, as decoders of other kinds deliver them, and hands them to a {@link
 * PixelSink} as columns. Not thread-safe; reused.
 *
 * <p>Use: {@link #begin}; for each row, bytes into {@link #bytes} from {@link #offset} on and
 * {@link #rowDone}; {@link #finish}.
 */
public final class RowStrip {
  static final int ROWS = 64;
  private static final int RGB = 3;

  private static final byte[] NO_BYTES = {};
  private static final int[][] NO_COLUMNS = {};

  private byte[] bytes = NO_BYTES;
  private int[][] columns = NO_COLUMNS;
  private PixelSink sink;
  private int width;
  private int channels;
  private int filled;

  /**
   * Bytes of heap that a crop takes here.
   *
   * @param width of the crop, in pixels
   */
  public static long heapBytes(int width) {
    return (long) width * ROWS * (RGB + Integer.BYTES);
  }

  /**
   * Begins a crop.
   *
   * @param newWidth of the crop, in pixels
   * @param newChannels 1 for grey, 3 for RGB
   */
  public void begin(int newWidth, int newChannels, PixelSink newSink) {
    width = newWidth;
    channels = newChannels;
    sink = newSink;
    filled = 0;
    if (bytes.length < ROWS * rowBytes()) {
      bytes = new byte[ROWS * rowBytes()];
    }
    if (columns.length < width) {
      columns = new int[width][ROWS];
    }
  }

  public int rowBytes() {
    return width * channels;
  }

  public byte[] bytes() {
    return bytes;
  }

  /** Where the next row begins in {@link #bytes}. */
  public int offset() {
    return filled * rowBytes();
  }

  /** Stores a pixel of the next row; of RGB rows only. */
  public void put(int x, int pixel) {
    int at = offset() + x * RGB;
    bytes[at] = (byte) pixel;
    bytes[at + 1] = (byte) (pixel >> 8);
    bytes[at + 2] = (byte) (pixel >> 16);
  }

  /** Says that the next row is complete. */
  public void rowDone() {
    filled++;
    if (filled == ROWS) {
      finish();
    }
  }

  /** Hands on what is there. */
  public void finish() {
    if (filled == 0) {
      return;
    }
    for (int x = 0; x < width; x++) {
      if (channels == RGB) {
        packRgb(columns[x], x * RGB);
      } else {
        packGray(columns[x], x);
      }
    }
    sink.strip(columns, 0, filled);
    filled = 0;
  }

  private void packRgb(int[] column, int first) {
    int at = first;
    for (int y = 0; y < filled; y++) {
      column[y] = (bytes[at] & 255) | ((bytes[at + 1] & 255) << 8) | ((bytes[at + 2] & 255) << 16);
      at += rowBytes();
    }
  }

  private void packGray(int[] column, int first) {
    int at = first;
    for (int y = 0; y < filled; y++) {
      column[y] = (bytes[at] & 255) * 0x010101;
      at += rowBytes();
    }
  }

  /** Gives back what a rare huge image needed. */
  public void trim() {
    sink = null;
    if (heldBytes() > DecodeMemory.KEPT_BYTES) {
      bytes = NO_BYTES;
      columns = NO_COLUMNS;
    }
  }

  public long heldBytes() {
    return bytes.length + (long) columns.length * ROWS * Integer.BYTES;
  }
}

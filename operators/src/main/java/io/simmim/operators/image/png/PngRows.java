package io.simmim.operators.image.png;

import io.simmim.operators.image.codec.UnreadableImageException;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The rows of a PNG, one after the other: inflates the data of consecutive chunks and undoes the
 * filters (W3C, Portable Network Graphics, sections 9 and 10). Holds two rows. Not thread-safe.
 */
final class PngRows implements AutoCloseable {
  private static final int NONE = 0;
  private static final int SUB = 1;
  private static final int UP = 2;
  private static final int AVERAGE = 3;
  private static final int PAETH = 4;

  private final byte[] file;
  private final PngChunks chunks;
  private final PngFormat format;
  private final Inflater inflater = new Inflater();

  /** Bytes before the row's first: zeros, and the filter in the last of them. */
  private final int first;

  private byte[] row;
  private byte[] before;

  /** Index behind the row's last byte. */
  private int end;

  /**
   * @param chunks at the first chunk of data
   */
  PngRows(byte[] file, PngChunks chunks, PngFormat format) {
    this.file = file;
    this.chunks = chunks;
    this.format = format;
    first = format.filterDistance();
    int longest = first + Math.toIntExact(format.rowBytes(format.width()));
    row = new byte[longest];
    before = new byte[longest];
    inflater.setInput(file, chunks.start(), chunks.length());
  }

  /**
   * Begins an image, or a pass of an interlaced one.
   *
   * @param pixels of each row
   */
  void beginPass(int pixels) {
    end = first + (int) format.rowBytes(pixels);
    Arrays.fill(row, (byte) 0);
  }

  /** Reads the next row. */
  void next() throws UnreadableImageException {
    byte[] swapped = before;
    before = row;
    row = swapped;
    int at = first - 1;
    while (at < end) {
      at += inflate(row, at, end - at);
    }
    int filter = row[first - 1];
    row[first - 1] = 0;
    unfilter(filter);
  }

  /** The row's bytes, from {@link #first} on. */
  byte[] row() {
    return row;
  }

  int first() {
    return first;
  }

  private int inflate(byte[] into, int at, int count) throws UnreadableImageException {
    try {
      while (true) {
        int inflated = inflater.inflate(into, at, count);
        if (inflated > 0) {
          return inflated;
        }
        if (inflater.finished() || inflater.needsDictionary() || !nextChunk()) {
          throw new UnreadableImageException(
              String.format(
                  Locale.ROOT,
                  "truncated: the PNG's data ends before its last row, after %d bytes",
                  file.length));
        }
      }
    } catch (DataFormatException e) {
      throw damaged(e);
    }
  }

  private boolean nextChunk() {
    if (!chunks.next() || chunks.type() != PngChunks.IDAT) {
      return false;
    }
    inflater.setInput(file, chunks.start(), chunks.length());
    return true;
  }

  /** Reads on to the checksum of the data, if it is there: what it contradicts is refused. */
  void finish() throws UnreadableImageException {
    byte[] rest = new byte[1];
    try {
      while (inflater.inflate(rest) == 0 && !inflater.finished()) {
        if (inflater.needsDictionary() || !nextChunk()) {
          return;
        }
      }
    } catch (DataFormatException e) {
      throw damaged(e);
    }
  }

  private static UnreadableImageException damaged(DataFormatException cause) {
    return new UnreadableImageException("damaged: the PNG's data: " + cause.getMessage(), cause);
  }

  private void unfilter(int filter) throws UnreadableImageException {
    switch (filter) {
      case NONE -> {}
      case SUB -> {
        for (int i = first; i < end; i++) {
          row[i] += row[i - first];
        }
      }
      case UP -> {
        for (int i = first; i < end; i++) {
          row[i] += before[i];
        }
      }
      case AVERAGE -> {
        for (int i = first; i < end; i++) {
          row[i] += (byte) (((row[i - first] & 255) + (before[i] & 255)) >> 1);
        }
      }
      case PAETH -> {
        for (int i = first; i < end; i++) {
          row[i] += (byte) paeth(row[i - first] & 255, before[i] & 255, before[i - first] & 255);
        }
      }
      default ->
          throw new UnreadableImageException(
              String.format(
                  Locale.ROOT,
                  "damaged: a row of the PNG has filter %d (allowed: 0 to 4)",
                  filter & 255));
    }
  }

  /** The neighbour that is nearest to left + above - diagonal. */
  private static int paeth(int left, int above, int diagonal) {
    int toLeft = Math.abs(above - diagonal);
    int toAbove = Math.abs(left - diagonal);
    int toDiagonal = Math.abs(left + above - 2 * diagonal);
    if (toLeft <= toAbove && toLeft <= toDiagonal) {
      return left;
    }
    return toAbove <= toDiagonal ? above : diagonal;
  }

  @Override
  public void close() {
    inflater.end();
  }
}

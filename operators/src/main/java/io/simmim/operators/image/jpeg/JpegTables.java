package io.simmim.operators.image.jpeg;

import io.simmim.operators.image.codec.UnreadableImageException;
import java.util.Locale;

/**
 * Checks the tables of a JPEG as libjpeg does, so that a rejection can name what is wrong, and
 * remembers which there are. Not thread-safe.
 */
final class JpegTables {
  private static final int TABLES = 4;
  private static final int STEPS = 64;
  private static final int MOST_SYMBOLS = 256;

  private final boolean[] quantization = new boolean[TABLES];

  /**
   * Looks at a segment, of whatever kind.
   *
   * @param markers at the segment
   * @throws UnreadableImageException if it is one of tables and its content is none
   */
  void add(byte[] file, JpegMarkers markers) throws UnreadableImageException {
    boolean valid =
        switch (markers.marker()) {
          case JpegMarkers.DQT -> addQuantization(file, markers.start(), markers.length());
          case JpegMarkers.DHT -> areHuffman(file, markers.start(), markers.length());
          case JpegMarkers.DRI -> markers.length() == 2;
          default -> true;
        };
    if (!valid) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "damaged: the JPEG's segment %s at byte %d is not what it should be",
              name(markers.marker()),
              markers.start() - 4));
    }
  }

  private static String name(int marker) {
    return switch (marker) {
      case JpegMarkers.DQT -> "DQT (quantization)";
      case JpegMarkers.DHT -> "DHT (Huffman tables)";
      default -> "DRI (restart interval)";
    };
  }

  private boolean addQuantization(byte[] file, int start, int length) {
    int at = start;
    int end = start + length;
    while (at < end) {
      int table = file[at] & 15;
      int bytes = (file[at] & 255) >> 4 == 0 ? STEPS : 2 * STEPS;
      if (table >= TABLES) {
        return false;
      }
      quantization[table] = true;
      at += 1 + bytes;
    }
    return at == end;
  }

  private static boolean areHuffman(byte[] file, int start, int length) {
    int at = start;
    int end = start + length;
    while (end - at > HuffmanTable.MAX_CODE_LENGTH) {
      int number = file[at] & 255;
      int symbols = 0;
      for (int i = 1; i <= HuffmanTable.MAX_CODE_LENGTH; i++) {
        symbols += file[at + i] & 255;
      }
      at += 1 + HuffmanTable.MAX_CODE_LENGTH + symbols;
      if ((number & ~0x10) >= TABLES || symbols > MOST_SYMBOLS || at > end) {
        return false;
      }
    }
    return at == end;
  }

  boolean hasQuantization(int table) {
    return table < TABLES && quantization[table];
  }
}

package io.simmim.operators.image.jpeg;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Tables and geometry of a JPEG with sequential Huffman coding, 8 bits and one scan. {@link
 * BaselineJpegDecoder} decodes those that {@link #isCommon}. Reused from file to file, as most
 * share their Huffman tables. Not thread-safe.
 */
final class BaselineFrame {
  private static final int[] ZIGZAG = {
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63
  };

  private static final int TABLES = 4;
  private static final int MOST_COMPONENTS = 4;

  /** Largest sampling factor, and most blocks of an MCU (T.81, B.2.2 and B.2.3). */
  private static final int MOST_SAMPLES = 4;

  private static final int MOST_BLOCKS = 10;

  /**
   * Larger steps are left to libjpeg: with them {@link LaneTransform}'s sums might overflow before
   * it notices that they are out of range.
   */
  private static final int LARGEST_STEP = 511;

  final HuffmanTable[] dc = new HuffmanTable[TABLES];
  final HuffmanTable[] ac = new HuffmanTable[TABLES];

  /** (4, 64), quantization steps by row and column. */
  final int[][] steps = new int[TABLES][64];

  int width;
  int height;

  /** 1, 3 or 4. */
  int components;

  /** Largest sampling factors: luma samples per chroma sample; 1 for grey. */
  int horizontalSampling;

  int verticalSampling;

  /** MCUs between restart markers, or 0. */
  int restartInterval;

  /** First byte of the entropy-coded data. */
  int scanStart;

  /** By component: number of its tables. */
  final int[] quantization = new int[MOST_COMPONENTS];

  final int[] dcTable = new int[MOST_COMPONENTS];
  final int[] acTable = new int[MOST_COMPONENTS];

  /** By component: blocks of an MCU. */
  final int[] blocks = new int[MOST_COMPONENTS];

  private final int[] ids = new int[MOST_COMPONENTS];
  private final int[] sampling = new int[MOST_COMPONENTS];
  private final boolean[] definedSteps = new boolean[TABLES];
  private final boolean[] definedDc = new boolean[TABLES];
  private final boolean[] definedAc = new boolean[TABLES];
  private boolean jfif;
  private int adobeTransform;

  BaselineFrame() {
    for (int i = 0; i < TABLES; i++) {
      dc[i] = new HuffmanTable();
      ac[i] = new HuffmanTable();
    }
  }

  /** Where the coefficients of a block go among lanes; those behind it go to the last place. */
  static int[] lanePlaces() {
    int[] places = new int[EntropyDecoder.ZIGZAG_LENGTH];
    Arrays.fill(places, LaneTransform.SIZE);
    for (int k = 0; k < ZIGZAG.length; k++) {
      places[k] = ZIGZAG[k] * LaneTransform.LANES;
    }
    return places;
  }

  /**
   * Reads everything up to the scan.
   *
   * @return false if this file is not of the kind described above
   */
  boolean parse(byte[] file) {
    Arrays.fill(definedSteps, false);
    Arrays.fill(definedDc, false);
    Arrays.fill(definedAc, false);
    components = 0;
    beginImage();
    JpegMarkers markers = new JpegMarkers(file);
    while (markers.next()) {
      if (markers.marker() == JpegMarkers.SOS) {
        scanStart = markers.end();
        return components > 0 && scan(file, markers.start(), markers.length());
      }
      if (!segment(file, markers)) {
        return false;
      }
    }
    return false;
  }

  /** What was said before an image that begins is not said of it, but for tables. */
  private void beginImage() {
    restartInterval = 0;
    jfif = false;
    adobeTransform = -1;
  }

  private boolean segment(byte[] file, JpegMarkers markers) {
    int at = markers.start();
    int length = markers.length();
    return switch (markers.marker()) {
      case JpegMarkers.DQT -> quantizationTables(file, at, length);
      case JpegMarkers.DHT -> huffmanTables(file, at, length);
      case JpegMarkers.DRI -> {
        if (length == 2) {
          restartInterval = JpegMarkers.word(file, at);
        }
        yield length == 2;
      }
      case JpegMarkers.APP0 -> {
        jfif |= length >= 14 && begins(file, at, "JFIF\0");
        yield true;
      }
      case JpegMarkers.APP14 -> {
        if (length >= 12 && begins(file, at, "Adobe")) {
          adobeTransform = file[at + 11] & 255;
        }
        yield true;
      }
      case JpegMarkers.SOF0, JpegMarkers.SOF1 -> frame(file, at, length);
      case JpegMarkers.EOI -> {
        beginImage();
        yield components == 0;
      }
      default -> !markers.isFrameHeader();
    };
  }

  private static boolean begins(byte[] file, int at, String text) {
    byte[] expected = text.getBytes(StandardCharsets.US_ASCII);
    return Arrays.equals(file, at, at + expected.length, expected, 0, expected.length);
  }

  private boolean quantizationTables(byte[] file, int start, int length) {
    int at = start;
    int end = start + length;
    while (at < end) {
      int table = file[at] & 15;
      int bytes = (file[at] & 255) >> 4;
      at++;
      if (table >= TABLES || bytes > 1 || end - at < 64 * (bytes + 1)) {
        return false;
      }
      for (int k = 0; k < 64; k++) {
        steps[table][ZIGZAG[k]] =
            bytes == 0 ? file[at + k] & 255 : JpegMarkers.word(file, at + 2 * k);
      }
      definedSteps[table] = true;
      at += 64 * (bytes + 1);
    }
    return true;
  }

  private boolean huffmanTables(byte[] file, int start, int length) {
    int at = start;
    int end = start + length;
    while (at < end) {
      int table = file[at] & 15;
      boolean isAc = (file[at] & 255) >> 4 == 1;
      if (table >= TABLES
          || (file[at] & 255) >> 4 > 1
          || end - ++at < HuffmanTable.MAX_CODE_LENGTH) {
        return false;
      }
      int count = 0;
      for (int i = 0; i < HuffmanTable.MAX_CODE_LENGTH; i++) {
        count += file[at + i] & 255;
      }
      if (count > 256 || end - at - HuffmanTable.MAX_CODE_LENGTH < count) {
        return false;
      }
      HuffmanTable target = isAc ? ac[table] : dc[table];
      if (!target.define(file, at, count, !isAc) || !(isAc || target.hasOnlyDcSizes(count))) {
        return false;
      }
      (isAc ? definedAc : definedDc)[table] = true;
      at += HuffmanTable.MAX_CODE_LENGTH + count;
    }
    return true;
  }

  private boolean frame(byte[] file, int at, int length) {
    if (components != 0 || length < 6 || file[at] != 8) {
      return false;
    }
    height = JpegMarkers.word(file, at + 1);
    width = JpegMarkers.word(file, at + 3);
    int count = file[at + 5];
    if ((count != 1 && count != 3 && count != MOST_COMPONENTS)
        || length != 6 + 3 * count
        || width == 0
        || height == 0) {
      return false;
    }
    horizontalSampling = 1;
    verticalSampling = 1;
    int all = 0;
    for (int i = 0; i < count; i++) {
      ids[i] = file[at + 6 + 3 * i] & 255;
      sampling[i] = count == 1 ? 0x11 : file[at + 7 + 3 * i] & 255;
      quantization[i] = file[at + 8 + 3 * i] & 255;
      int horizontal = sampling[i] >> 4;
      int vertical = sampling[i] & 15;
      blocks[i] = horizontal * vertical;
      all += blocks[i];
      horizontalSampling = Math.max(horizontalSampling, horizontal);
      verticalSampling = Math.max(verticalSampling, vertical);
      if (blocks[i] == 0 || quantization[i] >= TABLES) {
        return false;
      }
    }
    components = count;
    return Math.max(horizontalSampling, verticalSampling) <= MOST_SAMPLES && all <= MOST_BLOCKS;
  }

  /** Whether the image is grey or YCbCr with 4:4:4, 4:2:2 or 4:2:0 sampling, and usual steps. */
  boolean isCommon() {
    return components != MOST_COMPONENTS && isYCbCr() && hasCommonSampling() && hasCommonSteps();
  }

  private boolean hasCommonSampling() {
    if (components == 1) {
      return true;
    }
    int luma = sampling[0];
    boolean known = luma == 0x11 || luma == 0x21 || luma == 0x22;
    // libjpeg interpolates chroma only where it has more than two columns.
    boolean wide = horizontalSampling == 1 || chromaWidth() > 2;
    return known && sampling[1] == 0x11 && sampling[2] == 0x11 && wide;
  }

  private boolean hasCommonSteps() {
    for (int i = 0; i < components; i++) {
      for (int step : steps[quantization[i]]) {
        if (step > LARGEST_STEP) {
          return false;
        }
      }
    }
    return true;
  }

  /** libjpeg's rules for telling YCbCr from RGB. */
  private boolean isYCbCr() {
    if (components == 1 || jfif) {
      return true;
    }
    if (adobeTransform >= 0) {
      return adobeTransform == 1;
    }
    return !(ids[0] == 'R' && ids[1] == 'G' && ids[2] == 'B');
  }

  private boolean scan(byte[] file, int at, int length) {
    if (length != 4 + 2 * components || file[at] != components) {
      return false;
    }
    for (int i = 0; i < components; i++) {
      dcTable[i] = (file[at + 2 + 2 * i] & 255) >> 4;
      acTable[i] = file[at + 2 + 2 * i] & 15;
      if ((file[at + 1 + 2 * i] & 255) != ids[i]
          || dcTable[i] >= TABLES
          || acTable[i] >= TABLES
          || !definedDc[dcTable[i]]
          || !definedAc[acTable[i]]
          || !definedSteps[quantization[i]]) {
        return false;
      }
    }
    int spectral = at + 1 + 2 * components;
    return file[spectral] == 0 && file[spectral + 1] == 63 && file[spectral + 2] == 0;
  }

  /** Pixels per MCU and direction. */
  int mcuWidth() {
    return 8 * horizontalSampling;
  }

  int mcuHeight() {
    return 8 * verticalSampling;
  }

  int mcuColumns() {
    return (width + mcuWidth() - 1) / mcuWidth();
  }

  int mcuRows() {
    return (height + mcuHeight() - 1) / mcuHeight();
  }

  /** Chroma columns that are part of the image. */
  int chromaWidth() {
    return (width + horizontalSampling - 1) / horizontalSampling;
  }

  int chromaHeight() {
    return (height + verticalSampling - 1) / verticalSampling;
  }

  boolean isSubsampled() {
    return horizontalSampling > 1;
  }
}

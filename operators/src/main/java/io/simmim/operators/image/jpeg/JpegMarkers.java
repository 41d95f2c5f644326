package io.simmim.operators.image.jpeg;

import java.util.Locale;

/**
 * Walks over the marker segments of a JPEG (ITU-T T.81, annex B), inside and between scans. Bounded
 * by the file: every step advances, nothing is allocated.
 */
public final class JpegMarkers {
  public static final int SOF0 = 0xC0;
  static final int SOF1 = 0xC1;
  public static final int DHT = 0xC4;
  static final int RST0 = 0xD0;
  static final int RST7 = 0xD7;
  public static final int SOI = 0xD8;
  public static final int EOI = 0xD9;
  public static final int SOS = 0xDA;
  public static final int DQT = 0xDB;
  static final int DRI = 0xDD;
  static final int APP0 = 0xE0;
  public static final int APP14 = 0xEE;
  static final int JPEG_LS = 0xF7;
  static final int APP15 = 0xEF;
  static final int COM = 0xFE;
  private static final int TEM = 0x01;
  private static final int JPG = 0xC8;
  static final int DAC = 0xCC;
  private static final int SOF15 = 0xCF;

  private final byte[] file;
  private int position;
  private int marker;
  private int start;
  private int length;
  private boolean isTooShort;

  public JpegMarkers(byte[] file) {
    this.file = file;
  }

  static int word(byte[] file, int at) {
    return ((file[at] & 255) << 8) | (file[at + 1] & 255);
  }

  /**
   * Goes to the next marker, over whatever lies between: entropy-coded data, padding, garbage.
   *
   * @return false if the file ends before the marker's segment does
   */
  public boolean next() {
    int at = position;
    while (true) {
      while (at < file.length && (file[at] & 255) != 0xFF) {
        at++;
      }
      while (at < file.length && (file[at] & 255) == 0xFF) {
        at++;
      }
      if (at >= file.length) {
        return false;
      }
      marker = file[at++] & 255;
      if (marker != 0) {
        break;
      }
    }
    start = at;
    length = 0;
    position = at;
    if (!hasSegment(marker)) {
      return true;
    }
    if (file.length - at < 2) {
      return false;
    }
    int claimed = word(file, at);
    if (claimed < 2 && isSkipped(marker)) {
      // Less than the length itself: libjpeg goes on behind it.
      claimed = 2;
    }
    if (claimed < 2 || claimed > file.length - at) {
      isTooShort = claimed < 2;
      return false;
    }
    start = at + 2;
    length = claimed - 2;
    position = at + claimed;
    return true;
  }

  /** Whether decoders skip the content of the segment, but for APP0 and APP14. */
  static boolean isSkipped(int marker) {
    return (marker >= APP0 && marker <= APP15) || marker == COM;
  }

  private static boolean hasSegment(int marker) {
    return marker != SOI && marker != EOI && marker != TEM && !(marker >= RST0 && marker <= RST7);
  }

  /** Why there is no next marker, after {@link #next} has said so. */
  String ending() {
    return isTooShort
        ? String.format(
            Locale.ROOT,
            "the JPEG's segment %02x at byte %d claims less than its length (allowed: at least 2)",
            marker,
            start)
        : String.format(
            Locale.ROOT,
            "truncated: the file ends inside the JPEG header, after %d bytes",
            file.length);
  }

  /** Code of the marker, without 0xFF. */
  public int marker() {
    return marker;
  }

  /** First byte of the segment's content. */
  public int start() {
    return start;
  }

  /** Bytes of the segment's content. */
  int length() {
    return length;
  }

  /** First byte behind the segment. */
  public int end() {
    return position;
  }

  public boolean isFrameHeader() {
    return marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC;
  }

  /** Whether the file has all its scans: an end marker follows the beginning of the first one. */
  public static boolean isComplete(byte[] file) {
    JpegMarkers markers = new JpegMarkers(file);
    while (markers.next()) {
      if (markers.marker() == SOS) {
        return hasEndMarker(file, markers.end());
      }
    }
    return false;
  }

  /** From the end, where the marker usually is; inside a scan its bytes cannot occur. */
  private static boolean hasEndMarker(byte[] file, int from) {
    for (int i = file.length - 2; i >= from; i--) {
      if ((file[i] & 255) == 0xFF && (file[i + 1] & 255) == EOI) {
        return true;
      }
    }
    return false;
  }
}

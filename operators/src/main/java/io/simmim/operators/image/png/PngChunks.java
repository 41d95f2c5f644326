package io.simmim.operators.image.png;

import io.simmim.operators.image.codec.UnreadableImageException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * Walks over the chunks of a PNG (W3C, Portable Network Graphics, section 5.3). Bounded by the
 * file: every step advances, a length is compared with the bytes that are left, and nothing is
 * allocated.
 */
final class PngChunks {
  static final int IHDR = type("IHDR");
  static final int PLTE = type("PLTE");
  static final int IDAT = type("IDAT");
  static final int IEND = type("IEND");

  /** Control of a frame of an animated PNG. */
  static final int FCTL = type("fcTL");

  private static final int SIGNATURE_BYTES = 8;

  /** Length and type before the content; the checksum behind it. */
  private static final int HEAD_BYTES = 8;

  private static final int CHECKSUM_BYTES = 4;

  private final byte[] file;
  private long position = SIGNATURE_BYTES;
  private int type;
  private int start;
  private long claimed;

  PngChunks(byte[] file) {
    this.file = file;
  }

  private static int type(String name) {
    return integer(name.getBytes(StandardCharsets.US_ASCII), 0);
  }

  static int integer(byte[] file, int at) {
    return (file[at] & 255) << 24
        | (file[at + 1] & 255) << 16
        | (file[at + 2] & 255) << 8
        | (file[at + 3] & 255);
  }

  /**
   * Goes to the next chunk.
   *
   * @return false if the file ends before the chunk's content begins, or no chunk follows
   */
  boolean next() {
    if (position > file.length - HEAD_BYTES || !isName((int) position + 4)) {
      return false;
    }
    int at = (int) position;
    claimed = integer(file, at) & 0xFFFFFFFFL;
    type = integer(file, at + 4);
    start = at + HEAD_BYTES;
    position = start + claimed + CHECKSUM_BYTES;
    return true;
  }

  private boolean isName(int at) {
    for (int i = at; i < at + 4; i++) {
      int letter = file[i] & 0xDF;
      if (letter < 'A' || letter > 'Z') {
        return false;
      }
    }
    return true;
  }

  /** Why there is no next chunk, after {@link #next} has said so. */
  String ending() {
    return position > file.length - HEAD_BYTES
        ? String.format(
            Locale.ROOT, "truncated: the PNG ends before its data, after %d bytes", file.length)
        : "damaged: no PNG chunk begins at byte " + position;
  }

  /** Four letters, as a number. */
  int type() {
    return type;
  }

  String name() {
    return new String(file, start - 4, 4, StandardCharsets.US_ASCII);
  }

  /** First byte of the content. */
  int start() {
    return start;
  }

  /** Bytes of the content that are in the file. */
  int length() {
    return (int) Math.min(claimed, file.length - start);
  }

  /** Whether content and checksum are in the file. */
  boolean isWhole() {
    return position <= file.length;
  }

  /**
   * Refuses a chunk that the file does not hold.
   *
   * @throws UnreadableImageException with the claim and what is left
   */
  void requireWhole() throws UnreadableImageException {
    if (!isWhole()) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "truncated: the PNG's chunk %s at byte %d claims %d bytes, %d are left",
              name(),
              start - HEAD_BYTES,
              claimed,
              file.length - start));
    }
  }

  /**
   * Refuses a chunk whose checksum is wrong, or that the file does not hold.
   *
   * @throws UnreadableImageException with the chunk's name and place
   */
  void requireIntact() throws UnreadableImageException {
    requireWhole();
    CRC32 checksum = new CRC32();
    checksum.update(file, start - 4, length() + 4);
    if ((int) checksum.getValue() != integer(file, start + length())) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "damaged: the checksum of the PNG's chunk %s at byte %d is wrong",
              name(),
              start - HEAD_BYTES));
    }
  }
}

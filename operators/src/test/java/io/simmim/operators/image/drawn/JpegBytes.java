package io.simmim.operators.image.drawn;

import io.simmim.operators.image.jpeg.JpegMarkers;
import java.io.ByteArrayOutputStream;

/** Puts a JPEG together, segment by segment and bit by bit. */
final class JpegBytes {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private int pending;
  private int pendingBits;

  JpegBytes marker(int marker) {
    bytes.write(0xFF);
    bytes.write(marker);
    return this;
  }

  /** A segment with its length. */
  JpegBytes segment(int marker, int... content) {
    marker(marker);
    bytes.write((content.length + 2) >> 8);
    bytes.write(content.length + 2);
    for (int value : content) {
      bytes.write(value);
    }
    return this;
  }

  /** Entropy-coded bits, with stuffing. */
  JpegBytes bits(int value, int count) {
    for (int i = count - 1; i >= 0; i--) {
      pending = pending << 1 | (value >> i & 1);
      if (++pendingBits == Byte.SIZE) {
        bytes.write(pending);
        if (pending == 0xFF) {
          bytes.write(0);
        }
        pending = 0;
        pendingBits = 0;
      }
    }
    return this;
  }

  /** Huffman code and magnitude of a difference, where code and category are the same number. */
  JpegBytes difference(int value, int codeBits) {
    int category = Integer.SIZE - Integer.numberOfLeadingZeros(Math.abs(value));
    bits(category, codeBits);
    return bits(value < 0 ? value - 1 : value, category);
  }

  /** The whole, its last byte filled up. */
  byte[] end() {
    while (pendingBits != 0) {
      bits(1, 1);
    }
    marker(JpegMarkers.EOI);
    return bytes.toByteArray();
  }

  /** A Huffman table that gives the symbols 0, 1, 2, … codes of the same length. */
  static int[] equalCodes(int tableClass, int table, int codeBits, int symbols) {
    int[] content = new int[17 + symbols];
    content[0] = tableClass << 4 | table;
    content[codeBits] = symbols;
    for (int i = 0; i < symbols; i++) {
      content[17 + i] = i;
    }
    return content;
  }
}

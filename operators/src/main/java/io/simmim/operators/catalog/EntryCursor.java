package io.simmim.operators.catalog;

import java.util.Arrays;

/**
 * Walks front-coded entries. An entry is: number of leading bytes shared with the URI before it,
 * number of other bytes, these bytes, length of the image, offset of the image in its object; all
 * numbers as varints (seven bits per byte, lowest first).
 */
final class EntryCursor {
  private final byte[] source;
  private int at;
  private byte[] uri = new byte[256];
  private int uriLength;
  private long length;
  private long offset;

  /** Starts at the beginning of a block. */
  EntryCursor(byte[] source, int at) {
    this.source = source;
    this.at = at;
  }

  /** Position behind the entry read last. */
  int position() {
    return at;
  }

  byte[] uri() {
    return uri;
  }

  int uriLength() {
    return uriLength;
  }

  long length() {
    return length;
  }

  long offset() {
    return offset;
  }

  /** Begins a new block: the next entry shares nothing. */
  void restart() {
    uriLength = 0;
  }

  /**
   * Reads the next entry.
   *
   * @throws IllegalArgumentException if the bytes are not a valid entry
   * @throws IndexOutOfBoundsException if they end within the entry
   */
  void next() {
    long shared = varint();
    long own = varint();
    if (shared < 0 || shared > uriLength || own < 0 || own > source.length - at) {
      throw new IllegalArgumentException("invalid entry at byte " + at);
    }
    int total = Math.toIntExact(shared + own);
    if (total > uri.length) {
      uri = Arrays.copyOf(uri, Math.max(total, 2 * uri.length));
    }
    System.arraycopy(source, at, uri, (int) shared, (int) own);
    uriLength = total;
    at += (int) own;
    length = varint();
    offset = varint();
    if (length < 0 || offset < 0) {
      throw new IllegalArgumentException("invalid entry at byte " + at);
    }
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = source[at++];
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("invalid number at byte " + at);
  }
}

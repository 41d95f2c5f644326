package io.simmim.operators.catalog;

import io.simmim.schemas.bytes.Varint;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Walks front-coded entries. A text is stored as the number of leading bytes shared with the same
 * text of the entry before it, the number of other bytes, and these bytes. All numbers are varints
 * (seven bits per byte, lowest first).
 *
 * <p>An entry of version 2 is: URI, kind (a sum of the constants here), length of the image, and as
 * its kind says: where the image begins in its object, counted from the end of the image before it
 * if that is in the same object of the same block; the name in the shard; the problem (a number of
 * bytes, and these). An entry of version 1 is: URI, length, offset in the object.
 */
final class EntryCursor {
  /** The image begins behind the first byte of its object. */
  static final int HAS_OFFSET = 1;

  /** The image has a name in its shard. */
  static final int HAS_MEMBER = 2;

  /** The image cannot be used. */
  static final int HAS_PROBLEM = 4;

  private static final int KINDS = 8;

  private final byte[] source;
  private final int version;
  private final FrontCoded uri = new FrontCoded();
  private final FrontCoded member = new FrontCoded();
  private final Varint.Source next = this::nextByte;
  private int at;
  private int kind;
  private long length;
  private long offset;
  private int problemAt;
  private int problemLength;

  /** Starts at the beginning of a block. */
  EntryCursor(byte[] source, int at, int version) {
    this.source = source;
    this.at = at;
    this.version = version;
  }

  /** Position behind the entry read last. */
  int position() {
    return at;
  }

  String uri() {
    return uri.text();
  }

  String member() {
    return (kind & HAS_MEMBER) == 0 ? "" : member.text();
  }

  /** Why the image cannot be used; empty if it may. */
  String problem() {
    return isUsable() ? "" : new String(source, problemAt, problemLength, StandardCharsets.UTF_8);
  }

  boolean isUsable() {
    return (kind & HAS_PROBLEM) == 0;
  }

  long length() {
    return length;
  }

  long offset() {
    return offset;
  }

  /** Begins a new block: the next entry shares nothing. */
  void restart() {
    uri.length = 0;
    member.length = 0;
  }

  /**
   * Reads the next entry.
   *
   * @throws IllegalArgumentException if the bytes are not a valid entry
   * @throws IndexOutOfBoundsException if they end within the entry
   */
  void next() {
    boolean sameObject = uri.next();
    if (version == CatalogFile.VERSION_1) {
      length = varint();
      offset = varint();
    } else {
      readRest(sameObject);
    }
    if (length < 0 || offset < 0) {
      throw new IllegalArgumentException("invalid entry at byte " + at);
    }
  }

  private void readRest(boolean sameObject) {
    long end = sameObject ? offset + length : 0;
    long found = varint();
    if (found < 0 || found >= KINDS) {
      throw new IllegalArgumentException("invalid kind of entry at byte " + at);
    }
    kind = (int) found;
    length = varint();
    offset = (kind & HAS_OFFSET) == 0 ? 0 : end + varint();
    if ((kind & HAS_MEMBER) != 0) {
      member.next();
    }
    if (!isUsable()) {
      problemLength = ownBytes(varint());
      problemAt = at;
      at += problemLength;
    }
  }

  private int ownBytes(long count) {
    if (count < 0 || count > source.length - at) {
      throw new IllegalArgumentException("invalid entry at byte " + at);
    }
    return (int) count;
  }

  private long varint() {
    return Varint.read(next);
  }

  private byte nextByte() {
    return source[at++];
  }

  private final class FrontCoded {
    private byte[] bytes = new byte[256];
    private int length;

    /** Reads the next text; returns whether it is the one before it. */
    boolean next() {
      long shared = varint();
      int own = ownBytes(varint());
      if (shared < 0 || shared > length) {
        throw new IllegalArgumentException("invalid entry at byte " + at);
      }
      boolean same = own == 0 && shared == length && length > 0;
      int total = Math.toIntExact(shared + own);
      if (total > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(total, 2 * bytes.length));
      }
      System.arraycopy(source, at, bytes, (int) shared, own);
      length = total;
      at += own;
      return same;
    }

    String text() {
      return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
  }
}

package io.simmim.operators.catalog;

import io.simmim.schemas.bytes.FrontCodedText;
import io.simmim.schemas.bytes.Varint;
import java.nio.charset.StandardCharsets;

/**
 * Walks entries whose texts are front-coded ({@link FrontCodedText}), each behind the same text of
 * the entry before it. All numbers are varints (seven bits per byte, lowest first).
 *
 * <p>An entry of version 2 is: URI, kind (a sum of the constants here), length of the image, and as
 * its kind says: where the image begins in its object, counted from the end of the image before it
 * if that is in the same object of the same block; the name in the shard; the problem (a number of
 * bytes, and these). An entry of version 1 is: URI, length, offset in the object.
 */
final class EntryCursor implements FrontCodedText.Source {
  /** The image begins behind the first byte of its object. */
  static final int HAS_OFFSET = 1;

  /** The image has a name in its shard. */
  static final int HAS_MEMBER = 2;

  /** The image cannot be used. */
  static final int HAS_PROBLEM = 4;

  private static final int KINDS = 8;

  private final byte[] source;
  private final int version;
  private final FrontCodedText uri = new FrontCodedText();
  private final FrontCodedText member = new FrontCodedText();
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
    uri.restart();
    member.restart();
  }

  /**
   * Reads the next entry.
   *
   * @throws IllegalArgumentException if the bytes are not a valid entry
   * @throws IndexOutOfBoundsException if they end within the entry
   */
  void next() {
    boolean sameObject = uri.next(this);
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
      member.next(this);
    }
    if (!isUsable()) {
      problemLength = requireLength(varint());
      problemAt = at;
      at += problemLength;
    }
  }

  @Override
  public int requireLength(long count) {
    if (count < 0 || count > source.length - at) {
      throw new IllegalArgumentException("invalid entry at byte " + at);
    }
    return (int) count;
  }

  private long varint() {
    return Varint.read(this);
  }

  @Override
  public byte nextByte() {
    return source[at++];
  }

  @Override
  public void read(byte[] into, int offset, int count) {
    System.arraycopy(source, at, into, offset, count);
    at += count;
  }
}

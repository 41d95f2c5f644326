package io.simmim.operators.arrival.log;

import io.simmim.schemas.bytes.FrontCodedText;
import io.simmim.schemas.bytes.Varint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the records of an {@link ArrivalLog}. Numbers are varints (seven bits per byte, lowest
 * first) unless said otherwise. A record begins with its kind (a byte):
 *
 * <ul>
 *   <li>header: version (4 bytes, big-endian), seed (8), replay share (8, IEEE 754), chunk images,
 *       chunks per step;
 *   <li>roots: number, texts;
 *   <li>image: URI (front-coded), offset, length, name in the shard (front-coded), problem (text),
 *       version (text), origin (front-coded), milliseconds since the image before it (zigzag);
 *   <li>chunks: new images of each plus 1, or 0 for the pattern; number of chunks;
 *   <li>deleted: number of bytes that follow; runs of consecutive images, ascending, each of them
 *       the number of images since the run before it, or since 0, and its length.
 * </ul>
 *
 * <p>A text is its length and UTF-8. A front-coded one ({@link FrontCodedText}) is stored behind
 * that of the image before it; the first of every {@link ArrivalLog#BLOCK} images shares nothing,
 * and its time counts from 1970.
 */
final class RecordCursor implements FrontCodedText.Source {
  static final int VERSION_2 = 2;

  /** What a record is. */
  enum Kind {
    HEADER(0),
    ROOTS(1),
    IMAGE(2),
    CHUNKS(3),
    DELETED(4);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    /** The byte that records of this kind begin with. */
    int code() {
      return code;
    }

    static Kind of(int code) {
      for (Kind kind : KINDS) {
        if (kind.code == code) {
          return kind;
        }
      }
      throw new IllegalArgumentException("unknown kind of record: " + code);
    }
  }

  private static final Kind[] KINDS = Kind.values();

  /** Longer texts are damage: no file system has such names. */
  private static final int LONGEST_TEXT = 1 << 20;

  private final LogBytes bytes;
  private final FrontCodedText uri = new FrontCodedText();
  private final FrontCodedText member = new FrontCodedText();
  private final FrontCodedText origin = new FrontCodedText();
  private long at;
  private long images;
  private ArrivalLogHeader header;
  private List<String> roots;
  private ArrivedImage image;
  private long eventMillis;
  private int chunkKind;
  private long chunkCount;
  private long deletedAt;

  /** Starts at the beginning of a record: the log's first, or the first image of a block. */
  RecordCursor(LogBytes bytes, long at) {
    this.bytes = bytes;
    this.at = at;
  }

  long position() {
    return at;
  }

  boolean hasNext() {
    return at < bytes.length();
  }

  /**
   * Reads the next record.
   *
   * @throws IndexOutOfBoundsException if the bytes end within it
   * @throws IllegalArgumentException if they are none
   */
  Kind next() {
    Kind kind = Kind.of(bytes.at(at++));
    switch (kind) {
      case HEADER -> readHeader();
      case ROOTS -> readRoots();
      case IMAGE -> readImage();
      case CHUNKS -> {
        chunkKind = Math.toIntExact(varint()) - 1;
        chunkCount = varint();
      }
      case DELETED -> {
        int length = requireLength(varint());
        deletedAt = at;
        at += length; // lookups of images pass over them
      }
    }
    return kind;
  }

  private void readHeader() {
    int version = (int) fixed(Integer.BYTES);
    if (version != VERSION_2) {
      throw new IllegalArgumentException(
          "format version %d; this build reads version %d".formatted(version, VERSION_2));
    }
    header =
        new ArrivalLogHeader(
            fixed(Long.BYTES),
            Double.longBitsToDouble(fixed(Long.BYTES)),
            Math.toIntExact(varint()),
            varint());
  }

  private void readRoots() {
    long count = varint();
    List<String> read = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      read.add(text());
    }
    roots = List.copyOf(read);
  }

  private void readImage() {
    if (images++ % ArrivalLog.BLOCK == 0) {
      eventMillis = 0;
      uri.restart();
      member.restart();
      origin.restart();
    }
    uri.next(this);
    long offset = varint();
    long length = varint();
    member.next(this);
    String problem = text();
    String version = text();
    origin.next(this);
    long change = varint();
    eventMillis += (change >>> 1) ^ -(change & 1);
    image =
        new ArrivedImage(
            uri.text(),
            offset,
            length,
            member.text(),
            problem,
            version,
            origin.text(),
            eventMillis);
  }

  private String text() {
    int length = requireLength(varint());
    byte[] text = new byte[length];
    read(text, 0, length);
    return new String(text, StandardCharsets.UTF_8);
  }

  @Override
  public int requireLength(long count) {
    if (count < 0 || count > LONGEST_TEXT || count > bytes.length() - at) {
      throw new IllegalArgumentException("a text of %d bytes".formatted(count));
    }
    return (int) count;
  }

  private long fixed(int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value = (value << 8) | (bytes.at(at++) & 0xFF);
    }
    return value;
  }

  private long varint() {
    return Varint.read(this);
  }

  @Override
  public byte nextByte() {
    return bytes.at(at++);
  }

  @Override
  public void read(byte[] into, int offset, int count) {
    bytes.copy(at, into, offset, count);
    at += count;
  }

  ArrivalLogHeader header() {
    return header;
  }

  List<String> roots() {
    return roots;
  }

  ArrivedImage image() {
    return image;
  }

  int chunkKind() {
    return chunkKind;
  }

  long chunkCount() {
    return chunkCount;
  }

  /** A run of images that are gone. */
  interface DeletedRun {
    void take(long first, long count);
  }

  /** Visits the images of the record just read, a deletion. */
  void forEachDeleted(DeletedRun visitor) {
    long end = at;
    at = deletedAt;
    for (long next = 0; at < end; ) {
      long first = Math.addExact(next, varint());
      long count = varint();
      next = Math.addExact(first, count);
      if (first < 0 || count < 1 || at > end) {
        throw new IllegalArgumentException("a run of %d images from %d".formatted(count, first));
      }
      visitor.take(first, count);
    }
  }
}

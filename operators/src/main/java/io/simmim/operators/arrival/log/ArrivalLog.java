package io.simmim.operators.arrival.log;

import io.simmim.schemas.bytes.Sha256;
import io.simmim.schemas.text.PrintableText;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Everything that a continuous run has learned and decided, in the order in which it did: images
 * that arrived, objects that were deleted, and how many new images each chunk has. From it follows
 * the whole training sequence. It only grows; a checkpoint refers to it by length and digest.
 *
 * <p>Kept as the bytes that are stored (see {@link RecordCursor}), with an index of every {@value
 * #BLOCK}th image. A million images with URIs of 80 characters in a few folders and ETags take
 * about 70 MB.
 *
 * <p>Not thread-safe.
 */
public final class ArrivalLog {
  /** Images per block; the first of each is stored whole. */
  public static final int BLOCK = 16;

  /** As many deletions are collected for one record at most. */
  static final int MOST_IN_RECORD = 100_000;

  private final ByteLog bytes;
  private final MessageDigest digest = Sha256.begin();
  private final RecordEncoder encoder = new RecordEncoder();
  private final Deletions deletions = new Deletions();
  private ArrivalLogHeader header;
  private ChunkDecisions decisions;
  private long[] blockStarts = new long[64];
  private long size;
  private long loggedChunks;

  /** Images that went after the chunks that are logged, and the kind of the chunks after that. */
  private final Ids openDeletions = new Ids();

  private int openKind;
  private long entriesRead;
  private long lookedUpId = -1;
  private ArrivedImage lookedUp;
  private List<String> roots = List.of();

  /** While the log is read back. */
  private ArrivedImage last;

  private ArrivalLog(ByteLog bytes) {
    this.bytes = bytes;
  }

  /** Begins an empty log. */
  public static ArrivalLog begin(ArrivalLogHeader header) {
    ArrivalLog log = new ArrivalLog(new ByteLog());
    log.useHeader(header);
    log.append(log.encoder.header(header));
    return log;
  }

  /**
   * Reads a log back.
   *
   * @param stored all of its bytes
   * @throws IOException if they are not a log
   */
  public static ArrivalLog parse(ByteLog stored) throws IOException {
    ArrivalLog log = new ArrivalLog(stored);
    RecordCursor cursor = new RecordCursor(stored, 0);
    try {
      while (cursor.hasNext()) {
        long start = cursor.position();
        log.take(cursor, cursor.next(), start);
      }
    } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
      throw new IOException(
          "it is damaged before byte %d: %s".formatted(cursor.position(), PrintableText.reason(e)),
          e);
    }
    if (log.header == null) {
      throw new IOException("it has no header");
    }
    if (log.last != null) {
      log.encoder.follow(log.last);
      log.last = null;
    }
    stored.update(log.digest);
    return log;
  }

  private void take(RecordCursor cursor, RecordCursor.Kind kind, long start) throws IOException {
    if ((header == null) != (kind == RecordCursor.Kind.HEADER)) {
      throw new IOException("it must have one header, at its beginning");
    }
    switch (kind) {
      case HEADER -> useHeader(cursor.header());
      case ROOTS -> roots = cursor.roots();
      case IMAGE -> {
        index(start);
        last = cursor.image();
      }
      case CHUNKS -> {
        decisions.add(cursor.chunkKind(), cursor.chunkCount());
        if (decisions.used() > size) {
          throw new IOException("it has chunks of images that did not arrive");
        }
        loggedChunks = decisions.chunks();
      }
      case DELETED -> cursor.forEachDeleted(this::takeDeleted);
    }
  }

  private void takeDeleted(long first, long count) {
    if (first + count > size) {
      throw new IllegalArgumentException(
          "image %d is gone before it came".formatted(first + count - 1));
    }
    for (long id = first; id < first + count; id++) {
      deletions.add(id, decisions.chunks());
    }
  }

  private void useHeader(ArrivalLogHeader given) {
    header = given;
    decisions = new ChunkDecisions(given.chunkImages(), given.replayShare());
  }

  private void append(DataOutputSerializer record) {
    bytes.append(record.getSharedBuffer(), 0, record.length());
    digest.update(record.getSharedBuffer(), 0, record.length());
    record.clear();
  }

  private void index(long start) {
    if (size % BLOCK == 0) {
      int block = Math.toIntExact(size / BLOCK);
      if (block == blockStarts.length) {
        blockStarts = Arrays.copyOf(blockStarts, block + block / 2);
      }
      blockStarts[block] = start;
    }
    size++;
  }

  public ArrivalLogHeader header() {
    return header;
  }

  /** The folders that images come from, as last noted. */
  public List<String> roots() {
    return roots;
  }

  /** Notes the folders that images come from. */
  public void noteRoots(List<String> folders) {
    if (!folders.equals(roots)) {
      roots = List.copyOf(folders);
      append(encoder.roots(roots));
    }
  }

  /** Number of images that arrived. */
  public long size() {
    return size;
  }

  /** Appends an image; returns its number. */
  public long add(ArrivedImage image) {
    long start = bytes.length();
    append(encoder.image(image, size % BLOCK == 0));
    index(start);
    return size - 1;
  }

  /**
   * An image that arrived.
   *
   * @param id from 0 to {@code size() - 1}
   */
  public ArrivedImage image(long id) {
    if (id < 0 || id >= size) {
      throw new IllegalArgumentException("image must be from 0 to %d: %d".formatted(size - 1, id));
    }
    if (id != lookedUpId) { // decisions about an object ask for its image several times
      lookedUp = cursorAt(id).image();
      lookedUpId = id;
    }
    return lookedUp;
  }

  /** A cursor that has just read an image. */
  private RecordCursor cursorAt(long id) {
    RecordCursor cursor = new RecordCursor(bytes, blockStarts[(int) (id / BLOCK)]);
    for (long left = id % BLOCK; left >= 0; ) {
      if (cursor.next() == RecordCursor.Kind.IMAGE) {
        left--;
        entriesRead++;
      }
    }
    return cursor;
  }

  /** The image behind those that came in one object with an image, from that on. */
  public long endOfObject(long id) {
    RecordCursor cursor = cursorAt(id);
    ArrivedImage image = cursor.image();
    long end = id + 1;
    while (end < size) {
      if (cursor.next() == RecordCursor.Kind.IMAGE) {
        entriesRead++;
        if (!cursor.image().cameWith(image)) {
          break;
        }
        end++;
      }
    }
    return end;
  }

  /** Images decoded so far to look one up: what grows when lookups do. */
  public long entriesRead() {
    return entriesRead;
  }

  /**
   * Visits all images in the order of their numbers.
   *
   * @throws X as the visitor
   */
  public <X extends Exception> void forEachImage(ImageVisitor<X> visitor) throws X {
    RecordCursor cursor = new RecordCursor(bytes, 0);
    for (long id = 0; id < size; ) {
      if (cursor.next() == RecordCursor.Kind.IMAGE) {
        visitor.visit(id++, cursor.image());
      }
    }
  }

  /**
   * Takes the images of a log.
   *
   * @param <X> what it may throw
   */
  public interface ImageVisitor<X extends Exception> {
    void visit(long id, ArrivedImage image) throws X;
  }

  /** Notes that an image is gone: chunks that are not decided yet do not replay it. */
  public void delete(long id) {
    if (id < 0 || id >= size) {
      throw new IllegalArgumentException("image must be from 0 to %d: %d".formatted(size - 1, id));
    }
    if (deletions.add(id, decisions.chunks())) {
      if (decisions.chunks() > loggedChunks || openDeletions.count() == MOST_IN_RECORD) {
        closeRecords(); // the chunks before it still replay it
      }
      openDeletions.add(id);
    }
  }

  /** Whether an image was known to be gone when a chunk was decided. */
  public boolean isDeleted(long id, long chunk) {
    return deletions.contains(id, chunk);
  }

  /** The first image from one on that was not known to be gone when a chunk was decided. */
  public long nextPresent(long id, long chunk) {
    return deletions.nextPresent(id, chunk);
  }

  /** Number of images that are gone. */
  public long deleted() {
    return deletions.count();
  }

  /** What the chunks have; only {@link #decide} adds to it. */
  public ChunkDecisions decisions() {
    return decisions;
  }

  /** Decides on the next chunk: its number of new images, or the pattern. */
  public void decide(int kind) {
    if (decisions.chunks() > loggedChunks && openKind != kind) {
      closeRecords();
    }
    decisions.add(kind, 1);
    openKind = kind;
  }

  private void closeRecords() {
    if (openDeletions.count() > 0) {
      append(encoder.deleted(openDeletions.take()));
    }
    long count = decisions.chunks() - loggedChunks;
    if (count > 0) {
      append(encoder.chunks(openKind, count));
      loggedChunks = decisions.chunks();
    }
  }

  /** Chunks that have been decided on. */
  public long chunks() {
    return decisions.chunks();
  }

  /** Images that some decided chunk has as new ones. */
  public long used() {
    return decisions.used();
  }

  /** The optimizer step, from 1, in which an image is new, or 0 if none is decided yet. */
  public long stepOf(long id) {
    long chunk = decisions.chunkOf(id);
    return chunk < 0 ? 0 : chunk / header.chunksPerStep() + 1;
  }

  /** Writes down what is decided and returns the number of bytes. */
  public long complete() {
    closeRecords();
    return bytes.length();
  }

  /** SHA-256 of all bytes, in lower-case hexadecimal. */
  public String digest() {
    try {
      return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("SHA-256 of the JDK can be cloned", e);
    }
  }

  /** Bytes that the log takes in memory, about. */
  public long memoryBytes() {
    return bytes.length()
        + 8L * blockStarts.length
        + deletions.memoryBytes()
        + decisions.memoryBytes();
  }

  public ByteLog bytes() {
    return bytes;
  }
}

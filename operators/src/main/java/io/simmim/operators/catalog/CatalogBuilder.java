package io.simmim.operators.catalog;

import io.simmim.schemas.bytes.FrontCodedText;
import io.simmim.schemas.bytes.Varint;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Collects entries in ascending order and makes the catalog of them. Not thread-safe. */
public final class CatalogBuilder {
  /** The file and the offsets of its blocks are addressed by ints; it holds a little more. */
  private static final int MOST_BYTES = CatalogFile.LARGEST - (1 << 20);

  /** Of an entry without its texts. */
  private static final int NUMBER_BYTES = 64;

  private final EntryBytes entries = new EntryBytes();
  private final DataOutputStream out = new DataOutputStream(entries);
  private final int mostBytes;
  private byte[] previous = new byte[0];
  private byte[] previousMember = new byte[0];
  private long previousOffset;
  private long previousLength;
  private long size;
  private long usable;

  public CatalogBuilder() {
    this(MOST_BYTES);
  }

  /**
   * @param mostBytes of entries
   */
  public CatalogBuilder(int mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** Appends an object that is an image; one that equals the image before it is left out. */
  public void add(String uri, long length) throws IOException {
    add(uri, 0, length, "", "");
  }

  /**
   * Appends an image; one at the place of the image before it is left out.
   *
   * @param offset first byte of the image in the object
   * @param length number of bytes
   * @param member name of the image in its shard; empty if it has none
   * @param problem why it cannot be used; empty if it may
   * @throws IllegalArgumentException if it does not come after the image before it
   * @throws IOException if the entries grow beyond 2 GiB, or beyond the heap
   */
  public void add(String uri, long offset, long length, String member, String problem)
      throws IOException {
    byte[] name = uri.getBytes(StandardCharsets.UTF_8);
    int order = size == 0 ? -1 : Arrays.compareUnsigned(previous, name);
    if (order == 0 && previousOffset == offset) {
      return;
    }
    if (order > 0 || (order == 0 && previousOffset > offset)) {
      throw new IllegalArgumentException(
          "images must be added in ascending order: %s after %s"
              .formatted(uri, new String(previous, StandardCharsets.UTF_8)));
    }
    byte[] inShard = member.getBytes(StandardCharsets.UTF_8);
    byte[] reason = problem.getBytes(StandardCharsets.UTF_8);
    requireRoom((long) NUMBER_BYTES + name.length + inShard.length + reason.length);
    try {
      write(name, order == 0, offset, length, inShard, reason);
    } catch (IOException e) {
      throw noRoom(e);
    }
    previous = name;
    previousOffset = offset;
    previousLength = length;
    size++;
    usable += problem.isEmpty() ? 1 : 0;
  }

  private IOException noRoom(IOException cause) {
    return new IOException(
        "the list of images does not fit into the heap: %,d images take %,d bytes so far (a larger -Xmx helps)"
            .formatted(size, entries.length()),
        cause);
  }

  private void requireRoom(long bytes) throws IOException {
    if (entries.length() + bytes > mostBytes) {
      throw new IOException(
          "a catalog holds %,d bytes of names and is full after %,d images (allowed: fewer images in one run, or shorter names)"
              .formatted(mostBytes, size));
    }
  }

  private void write(
      byte[] name, boolean sameObject, long offset, long length, byte[] inShard, byte[] reason)
      throws IOException {
    boolean first = size % Catalog.BLOCK == 0;
    if (first) {
      previousMember = new byte[0];
    }
    FrontCodedText.write(first ? new byte[0] : previous, name, out);
    varint(
        (offset > 0 ? EntryCursor.HAS_OFFSET : 0)
            + (inShard.length == 0 ? 0 : EntryCursor.HAS_MEMBER)
            + (reason.length == 0 ? 0 : EntryCursor.HAS_PROBLEM));
    varint(length);
    if (offset > 0) {
      // Overlapping images would count backwards: the sum wraps around, and so does the reader's.
      varint(!first && sameObject ? offset - (previousOffset + previousLength) : offset);
    }
    if (inShard.length > 0) {
      FrontCodedText.write(previousMember, inShard, out);
      previousMember = inShard;
    }
    if (reason.length > 0) {
      varint(reason.length);
      out.write(reason);
    }
  }

  /** Appends all images of another builder, which stays as it is. */
  public void addAll(CatalogBuilder other) throws IOException {
    EntryCursor cursor = new EntryCursor(other.bytes(), 0, CatalogFile.VERSION_2);
    for (long i = 0; i < other.size; i++) {
      if (i % Catalog.BLOCK == 0) {
        cursor.restart();
      }
      cursor.next();
      add(cursor.uri(), cursor.offset(), cursor.length(), cursor.member(), cursor.problem());
    }
  }

  private byte[] bytes() throws IOException {
    try {
      return entries.toArray();
    } catch (IOException e) {
      throw noRoom(e);
    }
  }

  public long size() {
    return size;
  }

  /** Images that are not known to be unusable. */
  long usable() {
    return usable;
  }

  public Catalog build(List<String> roots) throws IOException {
    return CatalogFile.assemble(roots, size, entries);
  }

  private void varint(long value) throws IOException {
    Varint.write(value, out);
  }
}

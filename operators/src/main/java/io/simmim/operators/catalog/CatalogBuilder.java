package io.simmim.operators.catalog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.core.memory.DataOutputSerializer;

/** Collects entries in ascending order and makes the catalog of them. Not thread-safe. */
final class CatalogBuilder {
  private final DataOutputSerializer entries = new DataOutputSerializer(1 << 10);
  private byte[] previous = new byte[0];
  private byte[] previousMember = new byte[0];
  private long previousOffset;
  private long previousLength;
  private long size;
  private long usable;

  /** Appends an object that is an image; one that equals the image before it is left out. */
  void add(String uri, long length) throws IOException {
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
   * @throws IOException if the entries grow beyond 2 GiB
   */
  void add(String uri, long offset, long length, String member, String problem) throws IOException {
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
    boolean first = size % Catalog.BLOCK == 0;
    if (first) {
      previousMember = new byte[0];
    }
    frontCoded(first ? new byte[0] : previous, name);
    varint(
        (offset > 0 ? EntryCursor.HAS_OFFSET : 0)
            + (member.isEmpty() ? 0 : EntryCursor.HAS_MEMBER)
            + (problem.isEmpty() ? 0 : EntryCursor.HAS_PROBLEM));
    varint(length);
    if (offset > 0) {
      // Overlapping images would count backwards: the sum wraps around, and so does the reader's.
      varint(!first && order == 0 ? offset - (previousOffset + previousLength) : offset);
    }
    if (!member.isEmpty()) {
      byte[] bytes = member.getBytes(StandardCharsets.UTF_8);
      frontCoded(previousMember, bytes);
      previousMember = bytes;
    }
    if (!problem.isEmpty()) {
      byte[] bytes = problem.getBytes(StandardCharsets.UTF_8);
      varint(bytes.length);
      entries.write(bytes);
    }
    previous = name;
    previousOffset = offset;
    previousLength = length;
    size++;
    usable += problem.isEmpty() ? 1 : 0;
  }

  /** Appends all images of another builder, which stays as it is. */
  void addAll(CatalogBuilder other) throws IOException {
    EntryCursor cursor = new EntryCursor(other.entries.getSharedBuffer(), 0, CatalogFile.VERSION_2);
    for (long i = 0; i < other.size; i++) {
      if (i % Catalog.BLOCK == 0) {
        cursor.restart();
      }
      cursor.next();
      add(cursor.uri(), cursor.offset(), cursor.length(), cursor.member(), cursor.problem());
    }
  }

  long size() {
    return size;
  }

  /** Images that are not known to be unusable. */
  long usable() {
    return usable;
  }

  Catalog build(List<String> roots) throws IOException {
    return CatalogFile.assemble(roots, size, entries);
  }

  private void frontCoded(byte[] before, byte[] text) throws IOException {
    int mismatch = Arrays.mismatch(before, text);
    int shared = mismatch < 0 ? text.length : mismatch;
    varint(shared);
    varint(text.length - shared);
    entries.write(text, shared, text.length - shared);
  }

  private void varint(long value) throws IOException {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      entries.writeByte((int) (rest | 0x80));
      rest >>>= 7;
    }
    entries.writeByte((int) rest);
  }
}

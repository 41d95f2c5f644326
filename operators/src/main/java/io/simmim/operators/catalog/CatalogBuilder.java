package io.simmim.operators.catalog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.core.memory.DataOutputSerializer;

/** Collects entries in ascending order and makes the catalog of them. Not thread-safe. */
final class CatalogBuilder {
  private final DataOutputSerializer entries = new DataOutputSerializer(1 << 16);
  private byte[] previous = new byte[0];
  private long previousOffset;
  private long size;

  /**
   * Appends an image; one that equals the image before it is left out.
   *
   * @param offset first byte of the image in the object
   * @param length number of bytes
   * @throws IllegalArgumentException if it does not come after the image before it
   * @throws IOException if the entries grow beyond 2 GiB
   */
  void add(String uri, long offset, long length) throws IOException {
    byte[] name = uri.getBytes(StandardCharsets.UTF_8);
    if (size > 0) {
      int order = Arrays.compareUnsigned(previous, name);
      if (order == 0 && previousOffset == offset) {
        return;
      }
      if (order > 0 || (order == 0 && previousOffset > offset)) {
        throw new IllegalArgumentException(
            "images must be added in ascending order: %s after %s"
                .formatted(uri, new String(previous, StandardCharsets.UTF_8)));
      }
    }
    int shared = 0;
    if (size % Catalog.BLOCK != 0) {
      int mismatch = Arrays.mismatch(previous, name);
      shared = mismatch < 0 ? name.length : mismatch;
    }
    varint(shared);
    varint(name.length - shared);
    entries.write(name, shared, name.length - shared);
    varint(length);
    varint(offset);
    previous = name;
    previousOffset = offset;
    size++;
  }

  long size() {
    return size;
  }

  Catalog build(List<String> roots) throws IOException {
    return CatalogFile.assemble(roots, size, entries);
  }

  private void varint(long value) throws IOException {
    long rest = value;
    while (rest >= 0x80) {
      entries.writeByte((int) (rest | 0x80));
      rest >>>= 7;
    }
    entries.writeByte((int) rest);
  }
}

package io.simmim.operators.catalog;

import io.simmim.schemas.UserError;
import io.simmim.schemas.bytes.Sha256;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * The stored form of a catalog, big-endian: magic number (4 bytes), version (int), number of images
 * (long), number of roots (int), each root (length as int, UTF-8), number of entry bytes (int),
 * entries (see {@link EntryCursor}; every {@link Catalog#BLOCK}th shares nothing with the one
 * before it), SHA-256 of everything before it (32 bytes). Version 1 has no names in shards; only
 * version 2 is written.
 */
final class CatalogFile {
  static final int VERSION_1 = 1;
  static final int VERSION_2 = 2;
  private static final int MAGIC = 0x534D4341;
  private static final int DIGEST_BYTES = 32;
  private static final int SMALLEST = 4 + 4 + 8 + 4 + 4 + DIGEST_BYTES;
  static final int LARGEST = Integer.MAX_VALUE - 8;

  private CatalogFile() {}

  static Catalog assemble(List<String> roots, long size, EntryBytes entries) throws IOException {
    DataOutputSerializer start = new DataOutputSerializer(1024);
    start.writeInt(MAGIC);
    start.writeInt(VERSION_2);
    start.writeLong(size);
    start.writeInt(roots.size());
    for (String root : roots) {
      byte[] bytes = root.getBytes(StandardCharsets.UTF_8);
      start.writeInt(bytes.length);
      start.write(bytes);
    }
    start.writeInt(entries.length());
    int end = start.length() + entries.length();
    // Entries may be gigabytes: copied once, into an array of the right size.
    byte[] file =
        allocate(
            (long) start.length() + entries.length() + DIGEST_BYTES,
            "the catalog of %,d images".formatted(size));
    System.arraycopy(start.getSharedBuffer(), 0, file, 0, start.length());
    entries.copyTo(file, start.length());
    System.arraycopy(Sha256.of(file, end), 0, file, end, DIGEST_BYTES);
    return parse(file, VERSION_2, "new catalog");
  }

  private static byte[] allocate(long bytes, String catalog) throws IOException {
    if (bytes > LARGEST) {
      throw new IOException(
          "%s has %,d bytes (allowed: up to %,d)".formatted(catalog, bytes, LARGEST));
    }
    try {
      return new byte[(int) bytes];
    } catch (OutOfMemoryError e) {
      throw new IOException(
          "%s does not fit into the heap: it takes %,d bytes (a larger -Xmx helps)"
              .formatted(catalog, bytes),
          e);
    }
  }

  static Catalog read(Path path) throws IOException {
    FileSystem files = path.getFileSystem();
    long length;
    byte[] file;
    int version;
    try {
      length = files.getFileStatus(path).getLen();
      if (length < SMALLEST || length > LARGEST) {
        throw damaged(path.toString(), "it has %d bytes".formatted(length), null);
      }
      try (InputStream in = files.open(path)) {
        byte[] start = in.readNBytes(8);
        version = version(start, path.toString());
        file = allocate(length, "the catalog " + path);
        System.arraycopy(start, 0, file, 0, start.length);
        int read = start.length + in.readNBytes(file, start.length, file.length - start.length);
        if (read < file.length) {
          throw damaged(path.toString(), "it ends after %d bytes".formatted(read), null);
        }
      }
    } catch (FileNotFoundException e) {
      throw new UserError("catalog does not exist: " + path, e);
    }
    return parse(file, version, path.toString());
  }

  private static int version(byte[] start, String name) throws IOException {
    if (start.length < 8) {
      throw damaged(name, "it ends after %d bytes".formatted(start.length), null);
    }
    DataInputDeserializer in = new DataInputDeserializer(start);
    if (in.readInt() != MAGIC) {
      throw new UserError("not a catalog of images: " + name);
    }
    int version = in.readInt();
    if (version != VERSION_1 && version != VERSION_2) {
      throw new UserError(
          "catalog %s has format version %d; this build reads versions %d and %d"
              .formatted(name, version, VERSION_1, VERSION_2));
    }
    return version;
  }

  private static Catalog parse(byte[] file, int version, String name) throws IOException {
    int end = file.length - DIGEST_BYTES;
    String stored = HexFormat.of().formatHex(file, end, file.length);
    String actual = HexFormat.of().formatHex(Sha256.of(file, end));
    if (!stored.equals(actual)) {
      throw damaged(name, "its content has digest %s, not %s".formatted(actual, stored), null);
    }
    try {
      DataInputDeserializer in = new DataInputDeserializer(file, 8, end - 8);
      long size = in.readLong();
      int rootCount = in.readInt();
      List<String> roots = new ArrayList<>();
      for (int i = 0; i < rootCount; i++) {
        roots.add(readString(in));
      }
      int start = end - in.readInt();
      if (size < 0 || start != end - in.available()) {
        throw damaged(name, "its parts do not fill the file", null);
      }
      return index(roots, size, file, start, end, version, actual);
    } catch (IndexOutOfBoundsException
        | IllegalArgumentException
        | ArithmeticException
        | IOException e) {
      throw damaged(name, e.getMessage(), e);
    }
  }

  /** Checks every entry, counts those that can be used, and notes where the blocks begin. */
  private static Catalog index(
      List<String> roots, long size, byte[] file, int start, int end, int version, String digest) {
    if (size > end - start) {
      throw new IllegalArgumentException("%d images in %d bytes".formatted(size, end - start));
    }
    int[] offsets = new int[(int) ((size + Catalog.BLOCK - 1) / Catalog.BLOCK)];
    EntryCursor cursor = new EntryCursor(file, start, version);
    long usable = 0;
    for (long id = 0; id < size; id++) {
      if (id % Catalog.BLOCK == 0) {
        offsets[(int) (id / Catalog.BLOCK)] = cursor.position();
        cursor.restart();
      }
      cursor.next();
      usable += cursor.isUsable() ? 1 : 0;
    }
    if (cursor.position() != end) {
      throw new IllegalArgumentException("entries end at byte " + cursor.position());
    }
    return new Catalog(roots, size, usable, file, version, offsets, digest);
  }

  private static String readString(DataInputDeserializer in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IllegalArgumentException("invalid text length " + length);
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  static UserError anotherCatalog(Catalog found, CatalogReference reference) {
    return new UserError(
        "catalog %s is not the one the run began with: it has %d images and digest %s, not %d and %s"
            .formatted(
                reference.path(),
                found.size(),
                found.digest(),
                reference.size(),
                reference.digest()));
  }

  private static UserError damaged(String name, String how, Throwable cause) {
    return new UserError("catalog %s is damaged: %s".formatted(name, how), cause);
  }
}

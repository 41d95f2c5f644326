package io.simmim.operators.catalog;

import io.simmim.schemas.ImageRef;
import io.simmim.schemas.storage.WholeFile;
import java.io.IOException;
import java.util.List;
import org.apache.flink.core.fs.Path;

/**
 * The images of a run, numbered from 0 in the code-point order of their URIs, those in one tar
 * shard by their place in it. Entries are kept front-coded in one byte array, as in the file: each
 * stores what differs from the entry before it, and every {@value #BLOCK}th one is stored whole. A
 * million URIs of 80 characters in folders take about 23 MB, a million members of shards about as
 * much; looking one up decodes at most {@value #BLOCK} entries.
 *
 * <p>Immutable and thread-safe.
 */
public final class Catalog {
  /** Entries per block; part of both format versions. */
  static final int BLOCK = 16;

  private final List<String> roots;
  private final long size;
  private final long usable;
  private final byte[] file;
  private final int version;
  private final int[] blockOffsets;
  private final String digest;

  /**
   * @param usable entries that are not known to be unusable
   * @param file the whole catalog file, not copied
   * @param version format version of its entries
   * @param blockOffsets where in {@code file} each block of entries begins
   */
  Catalog(
      List<String> roots,
      long size,
      long usable,
      byte[] file,
      int version,
      int[] blockOffsets,
      String digest) {
    this.roots = List.copyOf(roots);
    this.size = size;
    this.usable = usable;
    this.file = file;
    this.version = version;
    this.blockOffsets = blockOffsets;
    this.digest = digest;
  }

  /**
   * A catalog of given images.
   *
   * @param images in ascending order; of those at the same place the first counts
   * @param roots folders that are there as long as their storage is
   */
  public static Catalog of(Iterable<ImageRef> images, List<String> roots) throws IOException {
    CatalogBuilder builder = new CatalogBuilder();
    for (ImageRef image : images) {
      builder.add(image.uri(), image.offset(), image.length(), image.member(), image.problem());
    }
    return builder.build(roots);
  }

  /**
   * Stores the catalog. The file appears complete or not at all; an older one is replaced.
   *
   * @param path the file to write, on any Flink file system
   */
  public CatalogReference write(String path) throws IOException {
    Path qualified = WholeFile.write(new Path(path), file);
    return new CatalogReference(qualified.toString(), digest, size);
  }

  /**
   * Loads a stored catalog and verifies that it is the one meant.
   *
   * @throws io.simmim.schemas.UserError if it is missing, damaged, another one, or of an unknown
   *     version
   */
  public static Catalog read(CatalogReference reference) throws IOException {
    Catalog catalog = read(reference.path());
    if (!catalog.digest.equals(reference.digest()) || catalog.size != reference.size()) {
      throw CatalogFile.anotherCatalog(catalog, reference);
    }
    return catalog;
  }

  /**
   * Loads a stored catalog and verifies the digest that the file itself carries.
   *
   * @throws io.simmim.schemas.UserError if it is missing, damaged, or of an unknown version
   */
  public static Catalog read(String path) throws IOException {
    return CatalogFile.read(new Path(path));
  }

  /** Number of images. */
  public long size() {
    return size;
  }

  /** Number of images that are not known to be unusable. */
  public long usable() {
    return usable;
  }

  /** SHA-256 of the catalog, in lower-case hexadecimal. */
  public String digest() {
    return digest;
  }

  /** The folders that were listed, none inside another. */
  public List<String> roots() {
    return roots;
  }

  /** Bytes that the entries take in memory. */
  public long memoryBytes() {
    return file.length + 4L * blockOffsets.length;
  }

  /**
   * The image of a number. Objects longer than {@link Integer#MAX_VALUE} bytes show that length:
   * they are above every limit and are refused when they are read.
   *
   * @param id from 0 to {@code size() - 1}
   */
  public ImageRef ref(long id) {
    EntryCursor cursor = cursorAt(id);
    return new ImageRef(
        id,
        cursor.uri(),
        cursor.offset(),
        (int) Math.min(cursor.length(), Integer.MAX_VALUE),
        cursor.member(),
        cursor.problem());
  }

  /** Bytes of an object, or of an image in one, however many. */
  public long length(long id) {
    return cursorAt(id).length();
  }

  private EntryCursor cursorAt(long id) {
    if (id < 0 || id >= size) {
      throw new IllegalArgumentException("image must be from 0 to %d: %d".formatted(size - 1, id));
    }
    EntryCursor cursor = new EntryCursor(file, blockOffsets[(int) (id / BLOCK)], version);
    for (int skip = (int) (id % BLOCK); skip >= 0; skip--) {
      cursor.next();
    }
    return cursor;
  }
}

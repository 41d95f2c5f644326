package io.simmim.operators.catalog;

import io.simmim.schemas.ImageRef;
import io.simmim.schemas.WholeFile;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  private static final Logger LOG = LoggerFactory.getLogger(Catalog.class);

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
   * Lists the JPEGs (.jpg, .jpeg in any case) under folders, recursively, or single files, and
   * those in tar shards (.tar) there. An image reached twice counts once. Hidden files and folders
   * below the inputs are left out. Symbolic links are followed, unless they lead back; a link to
   * nowhere and an empty file stay in the catalog, to be rejected with the reason when they are
   * read; so do images with names that cannot be read, links and sparse files in shards, and one
   * entry for each place from which on a shard is damaged.
   *
   * @param uris folders, JPEGs or shards on any Flink file system; a path without scheme is on the
   *     default one
   * @throws io.simmim.schemas.UserError if a URI or a folder below it cannot be listed, or nothing
   *     is found
   */
  public static Catalog list(List<String> uris) {
    return list(uris, List.of(), ShardReading.defaults());
  }

  /**
   * As {@link #list(List)}, leaving out what lies under the given folders: the run's own output,
   * say.
   */
  public static Catalog list(List<String> uris, List<String> excludedFolders, ShardReading shards) {
    return listing(uris, excludedFolders, shards).requireImages();
  }

  /**
   * As {@link #list(List, List, ShardReading)}, with what people should know of what was found.
   * There may be no image.
   */
  public static Listing listing(
      List<String> uris, List<String> excludedFolders, ShardReading shards) {
    return new ImageListing(excludedFolders, shards).images(uris);
  }

  /**
   * Lists the objects that are JPEGs or tar shards: a shard is one entry, whatever is in it. There
   * may be none.
   *
   * @throws io.simmim.schemas.UserError if a URI or a folder below it cannot be listed
   */
  public static Listing listObjects(List<String> uris, List<String> excludedFolders) {
    return new ImageListing(excludedFolders, ShardReading.defaults()).objects(uris);
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
   * Qualifies inputs, whether they exist or not.
   *
   * @throws io.simmim.schemas.UserError if one cannot be a URI of images
   */
  public static List<String> qualified(List<String> uris) {
    return uris.stream().map(uri -> InputRoot.qualified(uri).toString()).distinct().toList();
  }

  /**
   * Qualifies inputs that exist, leaving out what lies inside another.
   *
   * @throws io.simmim.schemas.UserError if one does not exist or cannot be read
   */
  public static List<String> existing(List<String> uris) {
    return InputRoot.distinct(uris).stream().map(root -> root.path().toString()).toList();
  }

  /**
   * Lists the images in one tar shard, in the calling thread; there may be none.
   *
   * @param length bytes of the shard
   * @throws IOException if it cannot be read; one that storage refuses as the file system told it
   */
  public static Catalog indexShard(String uri, long length, ShardReading shards)
      throws IOException {
    ListingNotes notes = new ListingNotes();
    try (ShardInput input = new ShardInput(new Path(uri), length, shards, new CountDownLatch(1))) {
      Catalog members = TarShard.index(uri, input, notes).build(List.of());
      notes.lines().forEach(LOG::info);
      return members;
    }
  }

  /** Whether an object is a tar shard, by its name. */
  public static boolean isShard(String uri) {
    return ImageNames.isShard(uri);
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

package io.simmim.operators.catalog.listing;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.ListingNotes;
import io.simmim.operators.catalog.tar.ShardInput;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.operators.catalog.tar.TarShard;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes catalogs of what is on storage. */
public final class CatalogLister {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogLister.class);

  private CatalogLister() {}

  /**
   * Lists the images (.jpg, .jpeg, .png in any case) under folders, recursively, or single files,
   * and those in tar shards (.tar) there. An image reached twice counts once. Hidden files and
   * folders below the inputs are left out. Symbolic links are followed, unless they lead back; a
   * link to nowhere and an empty file stay in the catalog, to be rejected with the reason when they
   * are read; so do images with names that cannot be read, links and sparse files in shards, and
   * one entry for each place from which on a shard is damaged.
   *
   * @param uris folders, images or shards on any Flink file system; a path without scheme is on the
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
   * Lists the objects that are images or tar shards: a shard is one entry, whatever is in it. There
   * may be none.
   *
   * @throws io.simmim.schemas.UserError if a URI or a folder below it cannot be listed
   */
  public static Listing listObjects(List<String> uris, List<String> excludedFolders) {
    return new ImageListing(excludedFolders, ShardReading.defaults()).objects(uris);
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
}

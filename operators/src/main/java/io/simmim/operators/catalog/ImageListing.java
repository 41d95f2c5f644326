package io.simmim.operators.catalog;

import io.simmim.schemas.ImageRef;
import io.simmim.schemas.StorageFailure;
import io.simmim.schemas.StorageUri;
import io.simmim.schemas.UserError;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.UnsupportedFileSystemSchemeException;

/**
 * Lists the JPEGs under URIs, also those in tar shards, in the order of their UTF-8 bytes. A
 * folder's children are sorted with a slash behind the names of folders and walked depth first;
 * that is the order of the whole URIs, so nothing but the folders being walked is held in memory,
 * and some that were listed ahead where that is not local.
 */
final class ImageListing {
  private static final String ALLOWED = "(allowed: a readable folder, .jpg, .jpeg or .tar file)";

  private final List<String> excludedFolders;
  private final FolderLister lister;
  private final ShardReading shards;

  ImageListing(List<String> excludedFolders, ShardReading shards) {
    this(excludedFolders, shards, FolderLister.anywhere());
  }

  ImageListing(List<String> excludedFolders, ShardReading shards, FolderLister lister) {
    this.lister = lister;
    this.shards = shards;
    this.excludedFolders =
        excludedFolders.stream().map(folder -> qualified(folder).toString() + "/").toList();
  }

  /** Takes what is found, in ascending order; the problem is empty unless it cannot be read. */
  private interface Found {
    void add(String uri, long length, String problem) throws IOException;
  }

  Catalog listObjects(List<String> uris) {
    List<Root> roots = distinctRoots(uris);
    CatalogBuilder objects = new CatalogBuilder();
    try {
      walk(roots, (uri, length, problem) -> objects.add(uri, 0, length, "", problem));
      return objects.build(probes(roots));
    } catch (IOException e) {
      throw new UserError("cannot list the input: " + e.getMessage(), e);
    }
  }

  static List<String> existing(List<String> uris) {
    return distinctRoots(uris).stream().map(root -> root.path.toString()).toList();
  }

  private static List<String> probes(List<Root> roots) {
    return roots.stream().map(Root::availabilityProbe).distinct().toList();
  }

  private void walk(List<Root> roots, Found found) throws IOException {
    for (Root root : roots) {
      if (root.folder) {
        walkAll(root.path, found);
      } else {
        found.add(root.path.toString(), root.length, "");
      }
    }
  }

  Catalog list(List<String> uris) {
    if (uris.isEmpty()) {
      throw new UserError("no input given " + ALLOWED);
    }
    List<Root> roots = distinctRoots(uris);
    try (CatalogQueue images = new CatalogQueue(shards)) {
      walk(roots, (uri, length, problem) -> add(uri, length, problem, images));
      CatalogBuilder builder = images.finish();
      if (builder.size() == 0) {
        throw new UserError("no JPEG (.jpg, .jpeg, or in .tar) under " + String.join(", ", uris));
      }
      Catalog catalog = builder.build(probes(roots));
      if (catalog.usable() == 0) {
        ImageRef first = catalog.ref(0);
        throw new UserError(
            "no usable JPEG under %s: %s: %s"
                .formatted(String.join(", ", uris), first.name(), first.problem()));
      }
      return catalog;
    } catch (IOException e) {
      throw new UserError("cannot list the input: " + e.getMessage(), e);
    }
  }

  private static void add(String uri, long length, String problem, CatalogQueue images)
      throws IOException {
    if (!problem.isEmpty()) {
      images.addUnusable(uri, problem);
    } else if (ImageNames.isShard(uri)) {
      images.addShard(uri, length);
    } else {
      images.addImage(uri, length);
    }
  }

  /** Sorted, and none inside another. */
  private static List<Root> distinctRoots(List<String> uris) {
    TreeMap<byte[], Root> sorted = new TreeMap<>(Arrays::compareUnsigned);
    for (String uri : uris) {
      Root root = root(uri);
      sorted.put(root.key().getBytes(StandardCharsets.UTF_8), root);
    }
    List<Root> distinct = new ArrayList<>();
    for (Root root : sorted.values()) {
      // What lies inside a folder follows it in this order.
      boolean inside =
          !distinct.isEmpty()
              && distinct.get(distinct.size() - 1).folder
              && root.key().startsWith(distinct.get(distinct.size() - 1).key());
      if (!inside) {
        distinct.add(root);
      }
    }
    return distinct;
  }

  private static Root root(String uri) {
    Path path = qualified(uri);
    try {
      FileStatus status = path.getFileSystem().getFileStatus(path);
      if (!status.isDir() && !isInput(path.getName())) {
        throw new UserError(
            "input is neither a JPEG nor a tar shard: %s %s".formatted(path, ALLOWED));
      }
      return new Root(path, status.isDir(), status.getLen());
    } catch (FileNotFoundException e) {
      throw new UserError(
          "input does not exist or may not be read: %s %s".formatted(path, ALLOWED), e);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  static Path qualified(String uri) {
    if (uri.isBlank()) {
      throw new UserError("input is blank " + ALLOWED);
    }
    try {
      Path path = new Path(uri);
      StorageUri.requireNoCredentials("input", path.toUri());
      FileSystem files = path.getFileSystem();
      return path.makeQualified(files);
    } catch (UnsupportedFileSystemSchemeException e) {
      throw new UserError(
          "no file system for %s (allowed: a path, or a scheme whose plugin is in Flink's plugins/)"
              .formatted(uri),
          e);
    } catch (IllegalArgumentException | IOException e) {
      throw new UserError("cannot read input %s: %s".formatted(uri, StorageFailure.reason(e)), e);
    }
  }

  private void walkAll(Path root, Found found) throws IOException {
    if (FolderLister.isLocal(root)) {
      walk(root, lister, found);
      return;
    }
    try (ListingAhead ahead =
        new ListingAhead(root, lister, this::excludes, shards.concurrency())) {
      walk(root, ahead, found);
    }
  }

  private void walk(Path folder, FolderLister listing, Found found) throws IOException {
    String prefix = FolderLister.prefix(folder);
    if (excludes(prefix)) {
      return;
    }
    List<FolderLister.Child> children;
    try {
      children = listing.children(folder);
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
    children.sort(FolderLister.Child.ORDER);
    for (FolderLister.Child child : children) {
      String uri = prefix + child.name();
      if (!child.problem().isEmpty()) {
        if (child.folder() || isInput(child.name())) {
          found.add(child.folder() ? uri + "/" : uri, 0, child.problem());
        }
      } else if (child.folder()) {
        walk(new Path(uri), listing, found);
      } else if (isInput(child.name())) {
        found.add(uri, child.length(), "");
      }
    }
  }

  /**
   * @param prefix URI of a folder, with the slash at its end
   */
  private boolean excludes(String prefix) {
    return excludedFolders.contains(prefix);
  }

  private static boolean isInput(String name) {
    return ImageNames.isJpeg(name) || ImageNames.isShard(name);
  }

  private static UserError unreadable(Path folder, IOException cause) {
    return new UserError(
        "cannot list %s: %s %s".formatted(folder, StorageFailure.reason(cause), ALLOWED), cause);
  }

  private record Root(Path path, boolean folder, long length) {
    String key() {
      return folder && !path.getPath().equals("/") ? path + "/" : path.toString();
    }

    /** The folder that is there as long as the storage is. */
    String availabilityProbe() {
      return folder ? path.toString() : path.getParent().toString();
    }
  }
}

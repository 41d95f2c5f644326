package io.simmim.operators.catalog;

import io.simmim.schemas.StorageFailure;
import io.simmim.schemas.StorageUri;
import io.simmim.schemas.UserError;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.UnsupportedFileSystemSchemeException;

/**
 * Lists the JPEGs under URIs in the order of their UTF-8 bytes. A folder's children are sorted with
 * a slash behind the names of folders and walked depth first; that is the order of the whole URIs,
 * so nothing but the folders being walked is held in memory.
 */
final class ImageListing {
  private static final String ALLOWED = "(allowed: a readable folder, .jpg or .jpeg file)";

  private final List<String> excludedFolders;
  private final FolderLister lister;
  private final CatalogBuilder images = new CatalogBuilder();

  ImageListing(List<String> excludedFolders) {
    this(excludedFolders, FolderLister.anywhere());
  }

  ImageListing(List<String> excludedFolders, FolderLister lister) {
    this.lister = lister;
    this.excludedFolders =
        excludedFolders.stream().map(folder -> qualified(folder).toString() + "/").toList();
  }

  Catalog list(List<String> uris) {
    if (uris.isEmpty()) {
      throw new UserError("no input given " + ALLOWED);
    }
    List<Root> roots = distinctRoots(uris);
    try {
      for (Root root : roots) {
        if (root.folder) {
          walk(root.path);
        } else {
          images.add(root.path.toString(), 0, root.length);
        }
      }
      if (images.size() == 0) {
        throw new UserError("no JPEG (.jpg, .jpeg) under " + String.join(", ", uris));
      }
      return images.build(roots.stream().map(Root::availabilityProbe).distinct().toList());
    } catch (IOException e) {
      throw new UserError("cannot list the input: " + e.getMessage(), e);
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
      if (!status.isDir() && !isJpeg(path.getName())) {
        throw new UserError("input is not a JPEG: %s %s".formatted(path, ALLOWED));
      }
      return new Root(path, status.isDir(), status.getLen());
    } catch (FileNotFoundException e) {
      throw new UserError(
          "input does not exist or may not be read: %s %s".formatted(path, ALLOWED), e);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private static Path qualified(String uri) {
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

  private void walk(Path folder) throws IOException {
    if (excludedFolders.contains(folder + "/")) {
      return;
    }
    List<FolderLister.Child> children;
    try {
      children = lister.children(folder);
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
    children.sort(Comparator.comparing(FolderLister.Child::sortKey, Arrays::compareUnsigned));
    String prefix = folder.getPath().endsWith("/") ? folder.toString() : folder + "/";
    for (FolderLister.Child child : children) {
      if (child.folder()) {
        walk(new Path(prefix + child.name()));
      } else if (isJpeg(child.name())) {
        images.add(prefix + child.name(), 0, child.length());
      }
    }
  }

  private static boolean isJpeg(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".jpg") || lower.endsWith(".jpeg");
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

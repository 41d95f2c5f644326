package io.simmim.operators.catalog.listing;

import io.simmim.operators.catalog.ImageNames;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.schemas.text.PrintableText;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.UnsupportedFileSystemSchemeException;

/**
 * An input that exists.
 *
 * @param folder whether it is one, rather than an image or a shard
 * @param length bytes of a file
 */
record InputRoot(Path path, boolean folder, long length) {
  static final String ALLOWED = "(allowed: a readable folder, .jpg, .jpeg, .png or .tar file)";

  /** Inputs in ascending order, none of them inside another. */
  static List<InputRoot> distinct(List<String> uris) {
    TreeMap<byte[], InputRoot> sorted = new TreeMap<>(Arrays::compareUnsigned);
    for (String uri : uris) {
      InputRoot root = of(uri);
      sorted.put(root.key().getBytes(StandardCharsets.UTF_8), root);
    }
    List<InputRoot> distinct = new ArrayList<>();
    for (InputRoot root : sorted.values()) {
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

  private static InputRoot of(String uri) {
    Path path = qualified(uri);
    try {
      FileStatus status = path.getFileSystem().getFileStatus(path);
      String name = path.getName();
      if (!status.isDir() && !ImageNames.isImage(name) && !ImageNames.isShard(name)) {
        throw new UserError(
            "input is %s: %s %s"
                .formatted(
                    ImageNames.isArchive(name)
                        ? "an archive of which no part can be read alone (unpack it)"
                        : "neither a JPEG, a PNG nor a tar shard",
                    path,
                    ALLOWED));
      }
      if (!status.isDir() && status.getLen() < 0) {
        throw new UserError(
            "cannot read input %s: storage gives its size as %d".formatted(path, status.getLen()));
      }
      return new InputRoot(path, status.isDir(), status.getLen());
    } catch (FileNotFoundException e) {
      throw new UserError(
          "input does not exist or may not be read: %s %s".formatted(path, ALLOWED), e);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /**
   * Qualifies an input, whether it exists or not.
   *
   * @throws UserError if it cannot be a URI of images
   */
  static Path qualified(String uri) {
    if (uri.isBlank()) {
      throw new UserError("input is blank " + ALLOWED);
    }
    try {
      Path path = StorageUri.path("input", uri);
      return path.makeQualified(path.getFileSystem());
    } catch (UnsupportedFileSystemSchemeException e) {
      throw new UserError(
          "no file system for %s (allowed: a path, or a scheme whose plugin is in Flink's plugins/)"
              .formatted(uri),
          e);
    } catch (IllegalArgumentException | IOException e) {
      throw new UserError("cannot read input %s: %s".formatted(uri, StorageFailure.reason(e)), e);
    }
  }

  static UserError unreadable(Path folder, IOException cause) {
    return new UserError(
        "cannot list %s: %s %s"
            .formatted(PrintableText.of(folder.toString()), StorageFailure.reason(cause), ALLOWED),
        cause);
  }

  /** The folder that is there as long as the storage is. */
  String availabilityProbe() {
    return folder ? path.toString() : path.getParent().toString();
  }

  private String key() {
    return folder && !path.getPath().equals("/") ? path + "/" : path.toString();
  }
}

package io.simmim.operators.catalog;

import io.simmim.operators.image.codec.ImageFormat;
import java.util.List;

/** What is an image, what holds images, and what nobody means by an input, all by names. */
public final class ImageNames {
  /** Folder that macOS adds to archives. */
  private static final String MAC_ARCHIVES = "__MACOSX";

  /** Folder at the top of disks, for what a check of the file system finds. */
  private static final String REPAIRED_FILES = "lost+found";

  private static final List<String> ARCHIVES =
      List.of(
          ".tar.gz",
          ".tgz",
          ".tar.bz2",
          ".tbz2",
          ".tar.xz",
          ".txz",
          ".tar.zst",
          ".tzst",
          ".tar.lz4",
          ".zip");

  private ImageNames() {}

  /** Whether it is an image that is decoded. */
  public static boolean isImage(String name) {
    return ImageFormat.ofName(name).isPresent();
  }

  public static boolean isShard(String name) {
    return endsWith(name, ".tar");
  }

  /** Whether it may hold images and cannot be read in parts. */
  public static boolean isArchive(String name) {
    return ARCHIVES.stream().anyMatch(end -> endsWith(name, end));
  }

  /**
   * Whether a file or folder is hidden, or in a hidden folder: editors, macOS ({@code ._a.jpg}) and
   * tools keep such beside the images.
   *
   * @param path below the input, or in a shard
   */
  public static boolean isHidden(String path) {
    int end;
    for (int at = 0; at < path.length(); at = end + 1) {
      int slash = path.indexOf('/', at);
      end = slash < 0 ? path.length() : slash;
      if (isHidden(path, at, end - at)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isHidden(String path, int at, int length) {
    boolean leads = length == 1 || (length == 2 && path.startsWith("..", at));
    return (path.startsWith(".", at) && !leads)
        || isName(MAC_ARCHIVES, path, at, length)
        || isName(REPAIRED_FILES, path, at, length);
  }

  private static boolean isName(String name, String path, int at, int length) {
    return length == name.length() && path.startsWith(name, at);
  }

  /** Looks at the end only: names in shards may be long. */
  private static boolean endsWith(String name, String end) {
    return name.regionMatches(true, name.length() - end.length(), end, 0, end.length());
  }
}

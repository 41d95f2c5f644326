package io.simmim.operators.source;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.util.List;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Tells a single missing object from storage that is not there. An object is missing if the folder
 * that was listed still is there; a local one must hold something, as the mount point of a disk
 * that was taken away is an empty folder.
 *
 * <p>Thread-safe.
 */
final class StorageProbe {
  private volatile List<String> roots = List.of();

  /** Says which folders were listed; without, the folder of the object is asked for. */
  void setRoots(List<String> roots) {
    this.roots = List.copyOf(roots);
  }

  /**
   * Returns if the storage of an object answers.
   *
   * @throws IOException if it does not
   */
  void requireReachable(String uri) throws IOException {
    Path root = rootOf(uri);
    try {
      FileSystem files = root.getFileSystem();
      files.getFileStatus(root);
      if (files.getUri().getScheme().equals("file") && isEmpty(root)) {
        throw new IOException("the folder is empty");
      }
    } catch (IOException e) {
      throw new IOException("the input %s is gone: %s".formatted(root, e.getMessage()), e);
    }
  }

  private Path rootOf(String uri) {
    for (String root : roots) {
      if (uri.startsWith(root.endsWith("/") ? root : root + "/")) {
        return new Path(root);
      }
    }
    return new Path(uri).getParent();
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (DirectoryStream<java.nio.file.Path> children =
        Files.newDirectoryStream(java.nio.file.Path.of(folder.getPath()))) {
      return !children.iterator().hasNext();
    }
  }
}

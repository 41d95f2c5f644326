package io.simmim.operators.catalog.listing;

import io.simmim.operators.catalog.ImageNames;
import io.simmim.schemas.storage.ObjectStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/** Lists one folder. */
interface FolderLister {
  /**
   * A file or folder.
   *
   * @param sortKey sorting these keys within each folder sorts the whole URIs
   * @param length bytes of a file; 0 for a folder
   * @param problem why it can be seen but not read; otherwise empty
   */
  record Child(String name, byte[] sortKey, boolean folder, long length, String problem) {
    /** The order of the whole URIs. */
    static final Comparator<Child> ORDER =
        Comparator.comparing(Child::sortKey, Arrays::compareUnsigned);

    static Child file(String name, long length) {
      return new Child(name, name.getBytes(StandardCharsets.UTF_8), false, length, "");
    }

    static Child folder(String name) {
      return new Child(name, (name + "/").getBytes(StandardCharsets.UTF_8), true, 0, "");
    }

    /** Whether nobody means it by an input. */
    boolean hidden() {
      return ImageNames.isHidden(name);
    }

    Child unreadable(String reason) {
      return new Child(name, sortKey, folder, length, reason);
    }
  }

  /**
   * The files and folders directly in a folder, in any order.
   *
   * @throws java.nio.file.FileSystemLoopException if it is a link to a folder that it is in
   * @throws IOException with a message for people if the folder cannot be read
   */
  List<Child> children(Path folder) throws IOException;

  /** Lists folders on the file system of each. */
  static FolderLister anywhere() {
    FolderLister local = new LocalFolderLister();
    return folder -> (isLocal(folder) ? local : remote(folder.getFileSystem())).children(folder);
  }

  static boolean isLocal(Path folder) throws IOException {
    return ObjectStore.isLocal(folder.getFileSystem().getUri().getScheme());
  }

  /** What the URIs of a folder's children begin with. */
  static String prefix(Path folder) {
    return folder.getPath().endsWith("/") ? folder.toString() : folder + "/";
  }

  /**
   * Lists with Flink's file system, whose paths are less than an object store's keys: names that do
   * not lead back to the same object (with a backslash, or {@code ..}) are seen and cannot be read.
   */
  static FolderLister remote(FileSystem files) {
    return folder -> {
      FileStatus[] found = files.listStatus(folder);
      if (found == null) {
        throw new FileNotFoundException("no such folder");
      }
      List<Child> children = new ArrayList<>(found.length);
      for (FileStatus status : found) {
        // Some stores show the marker object of an empty folder as its own child.
        if (!status.getPath().equals(folder)) {
          children.add(child(folder, status));
        }
      }
      return children;
    };
  }

  private static Child child(Path folder, FileStatus status) {
    String prefix = prefix(folder);
    boolean below = status.getPath().toString().startsWith(prefix);
    // A key that goes on with ".." is shown as the folder that it would lead to.
    String name = below ? status.getPath().getName() : "..";
    long length = status.getLen();
    Child child = status.isDir() ? Child.folder(name) : Child.file(name, Math.max(0, length));
    if (name.equals("..") || !new Path(prefix + name).equals(status.getPath())) {
      return child.unreadable("Flink cannot read objects with such a name");
    }
    return length >= 0 || status.isDir()
        ? child
        : child.unreadable("storage gives its size as %d".formatted(length));
  }
}

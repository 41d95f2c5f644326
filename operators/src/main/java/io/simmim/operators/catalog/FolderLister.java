package io.simmim.operators.catalog;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/** Lists one folder. */
interface FolderLister {
  /**
   * A file or folder.
   *
   * @param path qualified path of the child
   * @param length bytes of a file; 0 for a folder
   */
  record Child(Path path, String name, boolean folder, long length) {
    /** Sorting these keys within each folder sorts the whole URIs. */
    String sortKey() {
      return folder ? name + "/" : name;
    }
  }

  /**
   * The files and folders directly in a folder, in any order.
   *
   * @throws IOException with a message for people if the folder cannot be read
   */
  List<Child> children(Path folder) throws IOException;

  /** Lists folders on the file system of each. */
  static FolderLister anywhere() {
    FolderLister local = new LocalFolderLister();
    return folder -> {
      FileSystem files = folder.getFileSystem();
      boolean isLocal = files.getUri().getScheme().equals("file");
      return (isLocal ? local : remote(files)).children(folder);
    };
  }

  static FolderLister remote(FileSystem files) {
    return folder -> {
      FileStatus[] found = files.listStatus(folder);
      if (found == null) {
        throw new FileNotFoundException("no such folder");
      }
      List<Child> children = new ArrayList<>(found.length);
      for (FileStatus status : found) {
        Path path = status.getPath();
        // Some stores show the marker object of an empty folder as its own child.
        if (!path.equals(folder)) {
          children.add(new Child(path, path.getName(), status.isDir(), status.getLen()));
        }
      }
      return children;
    };
  }
}

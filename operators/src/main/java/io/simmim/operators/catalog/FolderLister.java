package io.simmim.operators.catalog;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
   * @param sortKey sorting these keys within each folder sorts the whole URIs
   * @param length bytes of a file; 0 for a folder
   */
  record Child(String name, byte[] sortKey, boolean folder, long length) {
    static Child file(String name, long length) {
      return new Child(name, name.getBytes(StandardCharsets.UTF_8), false, length);
    }

    static Child folder(String name) {
      return new Child(name, (name + "/").getBytes(StandardCharsets.UTF_8), true, 0);
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
        // Some stores show the marker object of an empty folder as its own child.
        if (!status.getPath().equals(folder)) {
          String name = status.getPath().getName();
          children.add(status.isDir() ? Child.folder(name) : Child.file(name, status.getLen()));
        }
      }
      return children;
    };
  }
}

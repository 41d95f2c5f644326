package io.simmim.schemas.storage;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * What a run finds in a folder of its own, which others may have put something into. Flink's local
 * file system gives up the whole folder for one name with a colon or one link to nowhere.
 */
public final class FolderContent {
  private FolderContent() {}

  /**
   * The files and folders directly in a folder; none if there is no such folder. Links to nowhere
   * and names that Flink takes for other ones are left out: no run writes such.
   *
   * @throws IOException if the folder cannot be read
   */
  public static List<FileStatus> of(Path folder) throws IOException {
    FileSystem files = folder.getFileSystem();
    Path qualified = folder.makeQualified(files);
    try {
      if (ObjectStore.isLocal(files.getUri().getScheme())) {
        return local(files, qualified);
      }
      FileStatus[] found = files.listStatus(qualified);
      return found == null ? List.of() : List.of(found);
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  /**
   * Why a folder of this machine cannot be looked into or reached, where it is not just missing:
   * Flink finds nothing in such a one. Storage elsewhere fails by itself.
   */
  @SuppressWarnings("StreamResourceLeak") // it is closed where it is opened
  public static Optional<IOException> hindrance(Path folder) {
    try {
      if (ObjectStore.isLocal(folder.getFileSystem().getUri().getScheme())) {
        Files.newDirectoryStream(new File(folder.getPath()).toPath()).close();
      }
      return Optional.empty();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e);
    }
  }

  private static List<FileStatus> local(FileSystem files, Path folder) throws IOException {
    File local = new File(folder.getPath());
    String[] names = local.list();
    if (names == null) {
      if (!local.exists()) {
        return List.of();
      }
      throw new IOException(
          local.isFile()
              ? folder + " is a file, not a folder"
              : "cannot read the folder " + folder);
    }
    List<FileStatus> content = new ArrayList<>(names.length);
    for (String name : names) {
      // Whole, not relative to the folder: Flink would take what is before a colon for a scheme.
      Path path = new Path(folder + "/" + name);
      if (path.getName().equals(name)) {
        status(files, path).ifPresent(content::add);
      }
    }
    return content;
  }

  /** Empty for a link to nowhere, and for what was deleted meanwhile. */
  private static Optional<FileStatus> status(FileSystem files, Path path) throws IOException {
    try {
      return Optional.of(files.getFileStatus(path));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }
}

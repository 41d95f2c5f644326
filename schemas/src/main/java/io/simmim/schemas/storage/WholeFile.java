package io.simmim.schemas.storage;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;

/**
 * Writes small files so that each appears whole or not at all, replacing an older one: by renaming
 * where that is one step, by a single upload where renaming would copy.
 */
public final class WholeFile {
  private static final String TEMPORARY = ".tmp";
  private static final Pattern TEMPORARY_NAME =
      Pattern.compile(".+\\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\" + TEMPORARY);

  private WholeFile() {}

  /**
   * Whether a file is one of those that are left when a process is killed between the two steps.
   */
  public static boolean isTemporary(String name) {
    return TEMPORARY_NAME.matcher(name).matches();
  }

  /**
   * Whether a file written over another is the other until it is whole, so that it can be written
   * in place.
   */
  public static boolean replacesAtOnce(FileSystem files) {
    return ObjectStore.hasBuckets(files.getUri().getScheme());
  }

  /** Writes a file and returns its qualified path. */
  public static Path write(Path path, byte[] content) throws IOException {
    FileSystem files = path.getFileSystem();
    Path target = path.makeQualified(files);
    if (replacesAtOnce(files)) {
      try (FSDataOutputStream out = files.create(target, WriteMode.OVERWRITE)) {
        out.write(content);
      }
      return target;
    }
    Path temporary = target.suffix("." + UUID.randomUUID() + TEMPORARY);
    try {
      try (FSDataOutputStream out = files.create(temporary, WriteMode.OVERWRITE)) {
        out.write(content);
        out.sync();
      }
      if (files.isDistributedFS()) {
        files.delete(target, false); // HDFS does not rename onto a file
      }
      if (!rename(files, temporary, target)) {
        throw new IOException("cannot rename %s to %s".formatted(temporary, target));
      }
    } catch (IOException e) {
      deleteAfter(e, files, temporary);
      throw e;
    }
    return target;
  }

  /** On a local file system without a moment in which there is neither file. */
  private static boolean rename(FileSystem files, Path temporary, Path target) throws IOException {
    if (!ObjectStore.isLocal(files.getUri().getScheme())) {
      return files.rename(temporary, target);
    }
    java.nio.file.Path replaced = java.nio.file.Path.of(target.getPath());
    if (Files.isDirectory(replaced)) { // Java would name the temporary file
      throw new FileSystemException(replaced.toString(), null, "it is a folder");
    }
    // Flink's own way deletes the file that is there first.
    Files.move(
        java.nio.file.Path.of(temporary.getPath()), replaced, StandardCopyOption.ATOMIC_MOVE);
    return true;
  }

  private static void deleteAfter(IOException failure, FileSystem files, Path temporary) {
    try {
      files.delete(temporary, false);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}

package io.simmim.pipeline.run.folder;

import io.simmim.pipeline.sink.WriterLock;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder for what Flink keeps on disk while it runs in this process: some 25 MB that a killed
 * process leaves. The operating system holds a lock on it until the process ends, however it ends
 * and in whatever container, so that a later process can remove it.
 */
public final class ScratchFolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ScratchFolder.class);
  private static final String PREFIX = "simmim-scratch-";
  private static final String OWNER = "owner";

  private static final Pattern LIST = Pattern.compile("[,:]");

  /** Another process that starts may take a new folder for an abandoned one. */
  private static final int TRIES = 10;

  private static final Set<PosixFilePermission> PROGRAM =
      PosixFilePermissions.fromString("r-x------");

  private final Path path;
  private final Optional<WriterLock> lock;

  private ScratchFolder(Path path, Optional<WriterLock> lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes one for this process, and removes those of processes that have ended.
   *
   * @throws UserError if it cannot be made
   */
  public static ScratchFolder create(Path parent) {
    try {
      if (LIST.matcher(parent.toString()).find()) {
        throw new IOException("Flink takes that for a list of folders, for its comma or colon");
      }
      removeAbandoned(parent);
      for (int i = 0; i < TRIES; i++) {
        Path folder = Files.createTempDirectory(parent, PREFIX);
        Optional<WriterLock> lock = lock(folder);
        if (Files.exists(folder)) {
          return new ScratchFolder(folder, lock);
        }
      }
      throw new IOException("every new folder was removed by another process");
    } catch (IOException e) {
      throw new UserError(
          "cannot make a folder for temporary files in %s (TMPDIR names another place): %s"
              .formatted(parent, StorageFailure.reason(e)),
          e);
    }
  }

  /** The lock of a folder; nothing if a process has it, or the file system has no locks. */
  private static Optional<WriterLock> lock(Path folder) {
    try {
      return WriterLock.tryTake(folder.resolve(OWNER));
    } catch (IOException e) {
      LOG.debug("Cannot lock {}", folder, e);
      return Optional.empty();
    }
  }

  /** As far as the folder may be listed. */
  private static void removeAbandoned(Path parent) {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path folder : folders) {
        // Without a lock's file it is of another user, or about to be locked.
        if (WriterLock.isMade(folder.resolve(OWNER))) {
          Optional<WriterLock> lock = lock(folder);
          if (lock.isPresent()) {
            new ScratchFolder(folder, lock).close();
          }
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      LOG.debug("Cannot look for abandoned folders in {}", parent, e);
    }
  }

  public Path path() {
    return path;
  }

  /**
   * Whether no program or library that lies in it may run, since its file system is mounted so
   * ({@code noexec}).
   */
  public boolean forbidsPrograms() {
    Path program = path.resolve("program");
    try {
      Files.createFile(program, PosixFilePermissions.asFileAttribute(PROGRAM));
      boolean runs = Files.isExecutable(program);
      Files.delete(program);
      return !runs;
    } catch (IOException | UnsupportedOperationException e) {
      LOG.debug("Cannot try {}", path, e);
      return false;
    }
  }

  /** Removes it, as far as that is possible. */
  @Override
  public void close() {
    try (Stream<Path> content = Files.walk(path)) {
      for (Path child : content.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(child);
      }
    } catch (IOException | RuntimeException e) {
      LOG.debug("Cannot remove {}", path, e);
    }
    if (lock.isPresent()) {
      try {
        lock.get().close();
      } catch (IOException e) {
        LOG.debug("Cannot unlock {}", path, e);
      }
    }
  }
}

package io.simmim.pipeline.sink;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps two runs from writing to one output. The operating system holds the lock, on a file beside
 * the written one, and lets it go when the process ends, however it ends. Outputs that are not on a
 * local or network file system have none.
 *
 * <p>Such a lock belongs to the process, not to the channel: on Linux closing any channel on the
 * lock file in this JVM, whoever opened it, lets the lock go. So nothing but this class opens that
 * file, and only to lock it, and not if it has it already. A second class loader in this JVM does
 * not know that: jobs of a cluster must not ask about files of each other.
 */
public final class WriterLock implements Closeable {
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private WriterLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the lock of a file, or nothing if another writer has it.
   *
   * @throws IOException also if the file system has no locks
   */
  public static Optional<WriterLock> tryTake(Path file) throws IOException {
    Path lockFile = lockFile(file);
    if (!HELD.add(lockFile)) {
      return Optional.empty();
    }
    Optional<WriterLock> lock = Optional.empty();
    try {
      lock = tryTakeFromOthers(lockFile);
      return lock;
    } finally {
      if (lock.isEmpty()) {
        HELD.remove(lockFile);
      }
    }
  }

  private static Optional<WriterLock> tryTakeFromOthers(Path lockFile) throws IOException {
    FileChannel channel =
        FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return Optional.of(new WriterLock(lockFile, channel));
      }
    } catch (OverlappingFileLockException e) {
      // Held by another class loader of this JVM.
      channel.close();
      return Optional.empty();
    } catch (IOException e) {
      channel.close();
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s cannot be locked: %s; mount its file system with locks (for NFS the lock service must run), or choose another --output",
              lockFile.getFileName(),
              e.getMessage()),
          e);
    }
    channel.close();
    return Optional.empty();
  }

  /** Whether a file has ever been locked. */
  public static boolean isMade(Path file) {
    return Files.exists(lockFile(file));
  }

  /** Whether a writer has the lock of a file. */
  public static boolean isTaken(Path file) throws IOException {
    if (!isMade(file)) {
      return false;
    }
    Optional<WriterLock> lock = tryTake(file);
    if (lock.isPresent()) {
      lock.get().close();
    }
    return lock.isEmpty();
  }

  /** The file whose lock goes with another file. */
  public static Path lockFile(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    return absolute.resolveSibling("." + absolute.getFileName() + ".lock");
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      HELD.remove(file);
    }
  }
}

package io.simmim.pipeline.sink;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Keeps two runs from writing to one output. The operating system holds the lock, on a file beside
 * the written one, and lets it go when the process ends, however it ends. Outputs that are not on a
 * local or network file system have none.
 *
 * <p>Such a lock belongs to the process, not to the channel: on Linux closing any channel on the
 * lock file in this JVM, whoever opened it, lets the lock go. So nothing but this class opens that
 * file, and it opens one only to lock it. Even {@link #tryTake} on a file that another writer of
 * this JVM has locked ends with such a closing, so a process asks only about files that it does not
 * write itself.
 */
public final class WriterLock implements Closeable {
  private final FileChannel channel;

  private WriterLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Takes the lock of a file, or nothing if another writer has it. */
  static Optional<WriterLock> tryTake(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(lockFile(file), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return Optional.of(new WriterLock(channel));
      }
    } catch (OverlappingFileLockException e) {
      // Held by another writer in this JVM.
      channel.close();
      return Optional.empty();
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return Optional.empty();
  }

  /** Whether a writer has the lock of a file. */
  public static boolean isTaken(Path file) throws IOException {
    if (!Files.exists(lockFile(file))) {
      return false;
    }
    Optional<WriterLock> lock = tryTake(file);
    if (lock.isPresent()) {
      lock.get().close();
    }
    return lock.isEmpty();
  }

  private static Path lockFile(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".lock");
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

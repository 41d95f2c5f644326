package io.simmim.pipeline.sink;

import io.simmim.schemas.storage.RoomAgain;
import io.simmim.schemas.storage.StorageFailure;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lines in one local file; each append is visible to readers at once. */
final class LocalJsonLines implements JsonLines {
  private static final Logger LOG = LoggerFactory.getLogger(LocalJsonLines.class);

  private final WriterLock lock;
  private final Path file;
  private final FileChannel channel;

  private LocalJsonLines(WriterLock lock, Path file, FileChannel channel) {
    this.lock = lock;
    this.file = file;
    this.channel = channel;
  }

  static LocalJsonLines open(Path file, LinePosition position, Predicate<String> before)
      throws IOException {
    return cut(file, content -> end(content, file, position, before));
  }

  static LocalJsonLines reopen(Path file, Predicate<String> kept) throws IOException {
    return cut(file, content -> end(file, kept));
  }

  /** The lock is the writer's, which may still be there. */
  static void append(Path file, List<String> added) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.wrap((String.join("\n", added) + "\n").getBytes(StandardCharsets.UTF_8));
    try (FileChannel content = FileChannel.open(file, StandardOpenOption.APPEND)) {
      while (bytes.hasRemaining()) {
        content.write(bytes);
      }
      content.force(true);
    }
  }

  /** Finds where lines end that stay. */
  private interface End {
    long in(FileChannel content) throws IOException;
  }

  private static LocalJsonLines cut(Path file, End end) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    WriterLock lock =
        WriterLock.tryTake(file)
            .orElseThrow(() -> new IOException("another run is writing to " + file));
    try {
      truncate(file, end);
      return new LocalJsonLines(lock, file, FileChannel.open(file, StandardOpenOption.APPEND));
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  private static void truncate(Path file, End end) throws IOException {
    try (FileChannel content =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long length = end.in(content);
      if (length < content.size()) {
        content.truncate(length);
        content.force(true);
      }
    }
  }

  private static long end(
      FileChannel content, Path file, LinePosition position, Predicate<String> before)
      throws IOException {
    long end = position.bytes();
    if (end > content.size() || tailOf(content, end) != position.tail()) {
      LOG.warn("{} is not what it was at the checkpoint; reading it all", file);
      return end(file, before);
    }
    return end;
  }

  private static long end(Path file, Predicate<String> kept) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return JsonLines.lengthOf(in, kept);
    }
  }

  private static int tailOf(FileChannel content, long end) throws IOException {
    ByteBuffer tail = ByteBuffer.allocate((int) Math.min(end, LinePosition.TAIL_BYTES));
    long from = end - tail.capacity();
    while (tail.hasRemaining() && content.read(tail, from + tail.position()) >= 0) {
      // A read may return fewer bytes than there are.
    }
    return LinePosition.tailOf(tail.array(), tail.position());
  }

  @Override
  public void append(String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      RoomAgain.await(
          () -> {
            while (bytes.hasRemaining()) {
              channel.write(bytes);
            }
          });
    } catch (IOException e) {
      throw StorageFailure.unwritten(file.toString(), e);
    }
  }

  @Override
  public void sync() throws IOException {
    try {
      channel.force(true);
    } catch (IOException e) {
      throw StorageFailure.unwritten(file.toString(), e);
    }
  }

  @Override
  public LinePosition position(long records) throws IOException {
    try (FileChannel content = FileChannel.open(file, StandardOpenOption.READ)) {
      long end = content.size();
      return new LinePosition(records, 0, end, tailOf(content, end));
    }
  }

  @Override
  public void close() throws IOException {
    try (lock) {
      channel.close();
    }
  }
}

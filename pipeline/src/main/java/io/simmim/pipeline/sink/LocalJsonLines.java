package io.simmim.pipeline.sink;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Predicate;

/** Lines in one local file; each append is visible to readers at once. */
final class LocalJsonLines implements JsonLines {
  private final WriterLock lock;
  private final FileChannel channel;

  private LocalJsonLines(WriterLock lock, FileChannel channel) {
    this.lock = lock;
    this.channel = channel;
  }

  static LocalJsonLines open(Path file, Predicate<String> accepted) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    WriterLock lock =
        WriterLock.tryTake(file)
            .orElseThrow(() -> new IOException("another run is writing to " + file));
    try {
      if (Files.exists(file)) {
        filter(file, accepted);
      }
      return new LocalJsonLines(
          lock, FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  private static void filter(Path file, Predicate<String> accepted) throws IOException {
    Path kept = file.resolveSibling(file.getFileName() + ".kept");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(kept));
        InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int next = in.read(); next >= 0; next = in.read()) {
        line.write(next);
        if (next == '\n') {
          if (accepted.test(line.toString(StandardCharsets.UTF_8).stripTrailing())) {
            line.writeTo(out);
          }
          line.reset();
        }
      }
    }
    if (Files.size(kept) == Files.size(file)) {
      Files.delete(kept);
      return;
    }
    try (FileChannel content = FileChannel.open(kept, StandardOpenOption.WRITE)) {
      content.force(true);
    }
    Files.move(kept, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void append(String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  @Override
  public void sync() throws IOException {
    channel.force(true);
  }

  @Override
  public void close() throws IOException {
    try (lock) {
      channel.close();
    }
  }
}

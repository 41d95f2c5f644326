package io.simmim.pipeline.gpu;

import io.simmim.schemas.UserError;
import io.simmim.schemas.bytes.Sha256;
import io.simmim.schemas.storage.Durable;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongConsumer;

/**
 * Fetches one file of known length and SHA-256 by HTTP. What came before an interruption is kept in
 * {@code NAME.part}, also that of a killed process, and the rest is asked for as a range. {@code
 * NAME} itself appears when it is complete and checked.
 */
final class RangeDownload {
  /** One after the other that bring nothing, or next to nothing. */
  private static final int TRIES = 5;

  /** Of the whole file is next to nothing, so that tries have an end. */
  private static final int LEAST_PART = 1000;

  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int TIMED_OUT = 408;
  private static final int TOO_MANY = 429;
  private static final int BUFFER = 1 << 20;
  private static final int PATIENCE_MILLIS = 60_000;

  private final Duration pause;

  /**
   * A downloader.
   *
   * @param pause before the second try; doubled before each further one
   */
  RangeDownload(Duration pause) {
    this.pause = pause;
  }

  /**
   * Fetches the file unless it is there.
   *
   * @param bytes its length
   * @param sha256 in hexadecimal digits
   * @param progress told how many bytes are there
   * @throws UserError if it cannot be had, or is another file; what came of it is kept in the first
   *     case only
   */
  void fetch(URI source, Path target, long bytes, String sha256, LongConsumer progress)
      throws IOException, InterruptedException {
    if (Files.exists(target)) {
      return;
    }
    Path part = target.resolveSibling(target.getFileName() + ".part");
    for (int attempt = 1; ; attempt++) {
      long before = size(part);
      try {
        transfer(source, part, bytes, progress);
        break;
      } catch (IOException e) {
        if (size(part) - before > bytes / LEAST_PART) {
          attempt = 1;
        }
        if (attempt == TRIES) {
          throw new UserError(
              "cannot fetch %s: %s (the same command goes on where this one stopped)"
                  .formatted(source, e.getMessage() == null ? e.toString() : e.getMessage()),
              e);
        }
        Thread.sleep(pause.multipliedBy(1L << (attempt - 1)).toMillis());
      }
    }
    String found = Sha256.hex(part);
    if (!found.equals(sha256)) {
      Files.delete(part);
      throw new UserError(
          "%s is not the file that was expected: SHA-256 %s (expected: %s)"
              .formatted(source, found, sha256));
    }
    Durable.force(part);
    Files.move(part, target);
  }

  private static long size(Path file) throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  private void transfer(URI source, Path part, long bytes, LongConsumer progress)
      throws IOException {
    long there = size(part);
    if (there > bytes) {
      Files.delete(part);
      there = 0;
    }
    progress.accept(there);
    if (there == bytes) {
      return;
    }
    HttpURLConnection connection = (HttpURLConnection) source.toURL().openConnection();
    connection.setConnectTimeout(PATIENCE_MILLIS);
    connection.setReadTimeout(PATIENCE_MILLIS);
    if (there > 0) {
      connection.setRequestProperty("Range", "bytes=" + there + "-");
    }
    try {
      int status = connection.getResponseCode();
      if (status >= 400 && status < 500 && status != TIMED_OUT && status != TOO_MANY) {
        throw new UserError("cannot fetch %s: the server answers %d".formatted(source, status));
      }
      boolean rest = status == PARTIAL && startsAt(connection, there);
      if (!rest && status != OK) {
        throw new IOException("the server answers " + status);
      }
      long first = rest ? there : 0;
      requireFile(connection, bytes - first);
      try (InputStream body = connection.getInputStream()) {
        write(body, part, first, bytes, progress);
      }
    } finally {
      connection.disconnect();
    }
  }

  /** Some networks answer with a page of theirs, which must not take the place of what is there. */
  private static void requireFile(HttpURLConnection connection, long bytes) throws IOException {
    String type = connection.getContentType();
    if (type != null && type.toLowerCase(Locale.ROOT).startsWith("text/")) {
      throw new IOException("the server answers with a page (%s)".formatted(type));
    }
    long length = connection.getContentLengthLong();
    if (length >= 0 && length != bytes) {
      throw new IOException("the server has %d bytes, not %d".formatted(length, bytes));
    }
  }

  private static boolean startsAt(HttpURLConnection connection, long first) {
    String range = connection.getHeaderField("Content-Range");
    return range != null && range.startsWith("bytes " + first + "-");
  }

  private static void write(
      InputStream body, Path part, long first, long bytes, LongConsumer progress)
      throws IOException {
    try (FileChannel file =
        FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      file.truncate(first).position(first);
      byte[] buffer = new byte[BUFFER];
      long there = first;
      for (int read; (read = body.read(buffer)) >= 0; ) {
        there += read;
        if (there > bytes) {
          throw new IOException("more than %d bytes came".formatted(bytes));
        }
        ByteBuffer some = ByteBuffer.wrap(buffer, 0, read);
        while (some.hasRemaining()) {
          file.write(some);
        }
        progress.accept(there);
      }
      if (there < bytes) {
        throw new IOException("the connection ended after %d of %d bytes".formatted(there, bytes));
      }
    }
  }
}

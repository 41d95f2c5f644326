package io.simmim.operators.catalog;

import io.simmim.schemas.PrintableText;
import io.simmim.schemas.StorageFailure;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;

/**
 * Reads few bytes here and there in ascending order from a large object, with retries. A gap of up
 * to {@value #READ_THROUGH} bytes is read, a larger one is sought over; file systems may still read
 * through it where that is cheaper than a new request (Flink's Hadoop streams do up to 1 MiB).
 *
 * <p>Not thread-safe.
 */
final class ShardInput implements AutoCloseable {
  /** Holds some headers and small neighbours, but little of an image that is not asked for. */
  static final int BUFFER = 8 << 10;

  /** A tenth of what a stream transfers in the 20 ms that a new request may take. */
  static final int READ_THROUGH = 64 << 10;

  private static final long LONGEST_BACKOFF_MILLIS = 10_000;

  private final Path path;
  private final long length;
  private final ShardReading reading;
  private final CountDownLatch cancelled;
  private final byte[] buffer = new byte[BUFFER];
  private long bufferStart;
  private int buffered;
  private FSDataInputStream stream;
  private long streamPosition;

  /**
   * @param length bytes of the object, as listed
   * @param cancelled ends waits between attempts when it is counted down
   */
  ShardInput(Path path, long length, ShardReading reading, CountDownLatch cancelled) {
    this.path = path;
    this.length = length;
    this.reading = reading;
    this.cancelled = cancelled;
  }

  long length() {
    return length;
  }

  /**
   * Bytes at a position that are all in the object.
   *
   * @throws IOException if they could not be read in all attempts
   */
  byte[] read(long position, int count) throws IOException {
    byte[] bytes = new byte[count];
    int done = 0;
    while (done < count) {
      long at = position + done;
      if (at < bufferStart || at >= bufferStart + buffered) {
        fill(at);
      }
      int from = (int) (at - bufferStart);
      int copied = Math.min(count - done, buffered - from);
      System.arraycopy(buffer, from, bytes, done, copied);
      done += copied;
    }
    return bytes;
  }

  private void fill(long position) throws IOException {
    buffered = 0;
    for (int attempt = 1; ; attempt++) {
      try {
        fillOnce(position);
        return;
      } catch (IOException | RuntimeException e) {
        closeAfter(e);
        if (attempt == reading.attempts() || e instanceof FileNotFoundException) {
          throw new IOException(
              "cannot read %s at byte %d in %d attempts: %s"
                  .formatted(
                      PrintableText.of(path.toString()),
                      position,
                      attempt,
                      StorageFailure.reason(e)),
              e);
        }
      }
      pause(attempt);
    }
  }

  private void fillOnce(long position) throws IOException {
    if (stream == null) {
      stream = path.getFileSystem().open(path);
      streamPosition = 0;
    }
    long gap = position - streamPosition;
    if (gap > 0 && gap <= READ_THROUGH) {
      stream.skipNBytes(gap);
    } else if (gap != 0) {
      stream.seek(position);
    }
    streamPosition = position;
    int wanted = (int) Math.min(BUFFER, length - position);
    int arrived = stream.readNBytes(buffer, 0, wanted);
    if (arrived < wanted) {
      throw new EOFException("it ends at byte %d, not %d".formatted(position + arrived, length));
    }
    streamPosition += arrived;
    bufferStart = position;
    buffered = arrived;
  }

  private void pause(int attempt) {
    long millis =
        Math.min(LONGEST_BACKOFF_MILLIS, reading.backoff().toMillis() << Math.min(attempt - 1, 16));
    try {
      if (cancelled.await(millis, TimeUnit.MILLISECONDS)) {
        throw new CancellationException("another shard failed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  private void closeAfter(Exception failure) {
    try {
      close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public void close() throws IOException {
    FSDataInputStream open = stream;
    stream = null;
    if (open != null) {
      open.close();
    }
  }
}

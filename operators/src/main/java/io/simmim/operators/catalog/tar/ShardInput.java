package io.simmim.operators.catalog.tar;

import io.simmim.schemas.storage.Retry;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.text.PrintableText;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads few bytes here and there in ascending order from a large object, with retries. A gap of up
 * to {@value #READ_THROUGH} bytes is read, a larger one is sought over; file systems may still read
 * through it where that is cheaper than a new request (Flink's Hadoop streams do up to 1 MiB).
 *
 * <p>Not thread-safe.
 */
public final class ShardInput implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ShardInput.class);

  /** Holds some headers and small neighbours, but little of an image that is not asked for. */
  static final int BUFFER = 8 << 10;

  /** A tenth of what a stream transfers in the 20 ms that a new request may take. */
  static final int READ_THROUGH = 64 << 10;

  private final Path path;
  private final long length;
  private final Retry retry;
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
  public ShardInput(Path path, long length, ShardReading reading, CountDownLatch cancelled) {
    this.path = path;
    this.length = length;
    this.retry = reading.retry();
    this.cancelled = cancelled;
  }

  long length() {
    return length;
  }

  /**
   * Bytes at a position that are all in the object.
   *
   * @throws DamagedShardException if the object is shorter than it was
   * @throws IOException if they could not be read in all attempts; an answer that refuses the
   *     object is thrown as it came, after the first one
   */
  byte[] read(long position, int count) throws IOException, DamagedShardException {
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

  private void fill(long position) throws IOException, DamagedShardException {
    buffered = 0;
    for (int attempt = 1; ; attempt++) {
      try {
        fillOnce(position);
        return;
      } catch (IOException | RuntimeException e) {
        closeAfter(e);
        if (StorageFailure.isRefusal(e)) {
          throw e;
        }
        requireNotInterrupted(e);
        if (retry.isLast(attempt)) {
          throw new IOException(
              String.format(
                  Locale.ROOT,
                  "cannot read %s at byte %d in %d attempts: %s",
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

  /** Some file systems take an interruption for a failure, which is not to be tried again. */
  private static void requireNotInterrupted(Exception failure) {
    boolean timeout = failure instanceof SocketTimeoutException;
    if (failure instanceof InterruptedIOException && !timeout) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  private void fillOnce(long position) throws IOException, DamagedShardException {
    if (stream == null) {
      stream = path.getFileSystem().open(path);
      streamPosition = 0;
    }
    long gap = position - streamPosition;
    int wanted = (int) Math.min(BUFFER, length - position);
    int arrived = 0;
    try {
      if (gap > 0 && gap <= READ_THROUGH) {
        stream.skipNBytes(gap);
      } else if (gap != 0) {
        stream.seek(position);
      }
      streamPosition = position;
      arrived = stream.readNBytes(buffer, 0, wanted);
    } catch (EOFException e) {
      LOG.debug("{} ends before byte {}", path, position, e);
    }
    if (arrived < wanted) {
      long now = path.getFileSystem().getFileStatus(path).getLen();
      if (now <= position) {
        throw new DamagedShardException(
            String.format(Locale.ROOT, "it has %d bytes now, not %d", now, length));
      }
      if (arrived == 0 || now >= position + wanted) {
        throw new EOFException(
            String.format(Locale.ROOT, "it ends at byte %d, not %d", position + arrived, length));
      }
    }
    streamPosition += arrived;
    bufferStart = position;
    buffered = arrived;
  }

  private void pause(int attempt) {
    try {
      retry.pause(attempt, cancelled);
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

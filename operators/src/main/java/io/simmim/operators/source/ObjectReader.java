package io.simmim.operators.source;

import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Reads the bytes of one image, with retries. Two kinds of failure are told apart:
 *
 * <ul>
 *   <li>This image cannot be used: it was deleted, may not be read, changed its size since it was
 *       listed, is empty, or too large, while its storage answers. The result carries the reason.
 *   <li>Storage is away: everything else that persists through all attempts. An {@link IOException}
 *       fails the job attempt, so that no image is lost to an outage.
 * </ul>
 *
 * <p>Thread-safe.
 */
final class ObjectReader {
  private static final long LONGEST_BACKOFF_MILLIS = 10_000;

  private final FetchConfig config;
  private final StorageProbe probe;
  private final AttemptTimer timer;
  private final FetchMetrics metrics;
  private final CountDownLatch closed;

  /**
   * @param closed ends waits between attempts when it is counted down
   */
  ObjectReader(
      FetchConfig config,
      StorageProbe probe,
      AttemptTimer timer,
      FetchMetrics metrics,
      CountDownLatch closed) {
    this.config = config;
    this.probe = probe;
    this.timer = timer;
    this.metrics = metrics;
    this.closed = closed;
  }

  EncodedImage read(ImageRef ref) throws IOException, InterruptedException {
    if (ref.length() > config.maxObjectBytes()) {
      return unreadable(ref, "larger than max-object-bytes %d".formatted(config.maxObjectBytes()));
    }
    for (int attempt = 1; ; attempt++) {
      try {
        EncodedImage image = timer.call(ref.uri(), () -> readOrReject(ref));
        metrics.objects.increment();
        metrics.bytes.add(image.bytes().length);
        return image;
      } catch (IOException | RuntimeException e) {
        if (closed.getCount() == 0) {
          throw new InterruptedException("the reader is closed");
        }
        if (attempt == config.attempts()) {
          throw new IOException(
              "cannot read %s in %d attempts: %s".formatted(ref.uri(), attempt, describe(e)), e);
        }
      }
      metrics.retries.increment();
      if (closed.await(backoffMillis(attempt), TimeUnit.MILLISECONDS)) {
        throw new InterruptedException("the reader is closed");
      }
    }
  }

  private EncodedImage readOrReject(ImageRef ref) throws IOException {
    try {
      return readOnce(ref);
    } catch (FileNotFoundException | NoSuchFileException | AccessDeniedException missing) {
      probe.requireReachable(ref.uri());
    }
    // Storage answers now; it may not have a moment ago, so the object gets a second look.
    try {
      return readOnce(ref);
    } catch (FileNotFoundException | NoSuchFileException | AccessDeniedException missing) {
      return unreadable(ref, reason(missing));
    }
  }

  private EncodedImage readOnce(ImageRef ref) throws IOException {
    Path path = new Path(ref.uri());
    FileSystem files = path.getFileSystem();
    // Inside another object offsets are above 0: a member follows its header.
    boolean wholeObject = ref.offset() == 0;
    byte[] bytes = new byte[ref.length()];
    int read;
    boolean longer;
    try (FSDataInputStream in = files.open(path)) {
      if (!wholeObject) {
        in.seek(ref.offset());
      }
      read = in.readNBytes(bytes, 0, bytes.length);
      longer = wholeObject && read == bytes.length && in.read() >= 0;
    }
    if (read < bytes.length || longer) {
      long now = files.getFileStatus(path).getLen();
      if (wholeObject ? now == bytes.length : now >= ref.offset() + bytes.length) {
        throw new EOFException("%d of %d bytes arrived".formatted(read, bytes.length));
      }
      return unreadable(ref, "changed since it was listed: %d bytes now".formatted(now));
    }
    return bytes.length == 0 ? unreadable(ref, "the file is empty") : EncodedImage.of(ref, bytes);
  }

  private EncodedImage unreadable(ImageRef ref, String reason) {
    metrics.unreadable.increment();
    return EncodedImage.failed(ref, reason);
  }

  private static String reason(IOException missing) {
    String message = String.valueOf(missing.getMessage());
    boolean denied =
        missing instanceof AccessDeniedException || message.contains("Permission denied");
    return denied ? "permission denied" : "deleted since it was listed";
  }

  private static String describe(Exception failure) {
    return failure.getMessage() == null ? failure.getClass().getName() : failure.getMessage();
  }

  /** Doubles with each attempt; the random part keeps readers from returning all at once. */
  private long backoffMillis(int attempt) {
    Duration first = config.backoff();
    long full =
        attempt > 30
            ? LONGEST_BACKOFF_MILLIS
            : Math.min(LONGEST_BACKOFF_MILLIS, first.toMillis() << (attempt - 1));
    return full - ThreadLocalRandom.current().nextLong(full / 2 + 1);
  }
}

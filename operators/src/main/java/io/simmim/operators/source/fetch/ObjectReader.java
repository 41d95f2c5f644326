package io.simmim.operators.source.fetch;

import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.storage.Retry;
import io.simmim.schemas.storage.StorageFailure;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Reads the bytes of images by one request, with retries. Two kinds of failure are told apart:
 *
 * <ul>
 *   <li>This image cannot be used: it was deleted, may not be read, changed its size since it was
 *       listed, is empty, too large, or otherwise refused, while its storage answers. The result
 *       carries the reason.
 *   <li>Storage is away: everything else that persists through all attempts. An {@link IOException}
 *       fails the job attempt, so that no image is lost to an outage.
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class ObjectReader {
  private final long maxObjectBytes;
  private final Retry retry;
  private final StorageProbe probe;
  private final AttemptTimer timer;
  private final FetchMetrics metrics;
  private final CountDownLatch closed;
  private final RangeOpener opener = new RangeOpener();

  /**
   * @param closed ends waits between attempts when it is counted down
   */
  public ObjectReader(
      FetchConfig config,
      StorageProbe probe,
      AttemptTimer timer,
      FetchMetrics metrics,
      CountDownLatch closed) {
    this.maxObjectBytes = config.maxObjectBytes();
    this.retry = config.retry();
    this.probe = probe;
    this.timer = timer;
    this.metrics = metrics;
    this.closed = closed;
  }

  /** Reads the images of a run, in its order. */
  public List<EncodedImage> read(ImageRun run) throws IOException, InterruptedException {
    String problem = ImageRun.problem(run.images().get(0), maxObjectBytes);
    if (!problem.isEmpty()) {
      return unreadable(run, problem);
    }
    AtomicLong refusedNanos = new AtomicLong();
    for (int attempt = 1; ; attempt++) {
      try {
        boolean first = attempt == 1;
        List<EncodedImage> images =
            timer.call(run.name(), () -> readOrReject(run, first, refusedNanos));
        for (EncodedImage image : images) {
          metrics.objects.increment();
          metrics.bytes.add(image.bytes().length);
        }
        return images;
      } catch (IOException | RuntimeException e) {
        if (closed.getCount() == 0) {
          throw new InterruptedException("the reader is closed");
        }
        if (retry.isLast(attempt)) {
          throw new IOException(
              String.format(
                  Locale.ROOT,
                  "cannot read %s in %d attempts: %s",
                  run.name(),
                  attempt,
                  describe(e)),
              e);
        }
      }
      metrics.retries.increment();
      retry.pause(attempt, closed);
    }
  }

  private List<EncodedImage> readOrReject(ImageRun run, boolean first, AtomicLong refusedNanos)
      throws IOException {
    try {
      return readOnce(run, first);
    } catch (IOException e) {
      if (!StorageFailure.isRefusal(e)) {
        throw e;
      }
    }
    refusedNanos.compareAndSet(0, System.nanoTime());
    probe.requireReachable(run.uri(), refusedNanos.get());
    // Storage answers now; it may not have a moment ago, so the object gets a second look.
    try {
      return readOnce(run, false);
    } catch (IOException e) {
      if (!StorageFailure.isRefusal(e)) {
        throw e;
      }
      return unreadable(run, reason(e));
    }
  }

  /**
   * Reads a run.
   *
   * @param asListed whether the object is taken to be as long as it was when it was listed, which
   *     saves a request. If it is empty now, Hadoop's S3 takes the answer for a fault that may pass
   *     and asks for up to a minute.
   */
  private List<EncodedImage> readOnce(ImageRun run, boolean asListed) throws IOException {
    Path path = new Path(run.uri());
    FileSystem files = path.getFileSystem();
    int length = run.length();
    byte[] bytes = new byte[length];
    int read;
    boolean longer;
    metrics.requests.increment();
    try (InputStream in =
        asListed
            ? openAsListed(run, files, path)
            : RangeOpener.openAndSeek(files, path, run.offset())) {
      read = in.readNBytes(bytes, 0, length);
      longer = !run.inShard() && read == length && in.read() >= 0;
    }
    String changed = "";
    if (read < length || longer) {
      long now = files.getFileStatus(path).getLen();
      if (run.inShard() ? now >= run.offset() + length : now == length) {
        throw new EOFException(String.format(Locale.ROOT, "%d of %d bytes arrived", read, length));
      }
      changed = String.format(Locale.ROOT, "%s: %d bytes now", RejectedImage.CHANGED, now);
    }
    probe.answered(run.uri());
    List<EncodedImage> images = new ArrayList<>();
    for (ImageRef ref : run.images()) {
      int from = (int) (ref.offset() - run.offset());
      if (longer || from + ref.length() > read) {
        images.add(unreadable(ref, changed));
      } else if (ref.length() == 0) {
        images.add(unreadable(ref, "the file is empty"));
      } else {
        byte[] own =
            ref.length() == length ? bytes : Arrays.copyOfRange(bytes, from, from + ref.length());
        images.add(EncodedImage.of(ref, own));
      }
    }
    return images;
  }

  /** Of an object of its own one byte more is asked for, which is there if it has grown. */
  private InputStream openAsListed(ImageRun run, FileSystem files, Path path) throws IOException {
    long end = run.offset() + run.length();
    boolean mayGrow = !run.inShard() && run.length() > 0;
    return opener.open(files, path, run.offset(), mayGrow ? end + 1 : end);
  }

  private List<EncodedImage> unreadable(ImageRun run, String reason) {
    return run.images().stream().map(ref -> unreadable(ref, reason)).toList();
  }

  private EncodedImage unreadable(ImageRef ref, String reason) {
    metrics.unreadable.increment();
    return EncodedImage.failed(ref, reason);
  }

  /** Why an object is not used, of an answer that refuses it. */
  public static String reason(IOException refusal) {
    boolean isDenied =
        refusal instanceof AccessDeniedException && !StorageFailure.isArchived(refusal);
    if (isDenied || String.valueOf(refusal.getMessage()).contains("Permission denied")) {
      return "permission denied";
    }
    return refusal instanceof FileNotFoundException || refusal instanceof NoSuchFileException
        ? RejectedImage.DELETED
        : StorageFailure.reason(refusal);
  }

  private static String describe(Exception failure) {
    return failure.getMessage() == null ? failure.getClass().getName() : failure.getMessage();
  }
}

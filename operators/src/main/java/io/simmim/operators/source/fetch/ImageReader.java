package io.simmim.operators.source.fetch;

import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads single images outside a job, in the calling thread: with the attempts and limits of a
 * source reader, and as that tells an image that cannot be used from storage that is away.
 *
 * <p>Thread-safe. A file system that answers neither in time nor to interruption holds the caller;
 * the log tells of it.
 */
public final class ImageReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ImageReader.class);

  private final CountDownLatch closed = new CountDownLatch(1);
  private final AttemptTimer timer;
  private final ObjectReader objects;

  /**
   * @param roots where the images come from
   */
  public ImageReader(FetchConfig config, CatalogRoots roots) {
    StorageProbe probe = new StorageProbe();
    probe.setRoots(roots);
    timer =
        new AttemptTimer(
            config.timeout(), "image-reader-timer", stuck -> LOG.warn("{}", stuck.getMessage()));
    objects = new ObjectReader(config, probe, timer, new FetchMetrics(), closed);
  }

  /**
   * The bytes of an image, or the reason why it is not to be used.
   *
   * @throws IOException if storage is away
   */
  public EncodedImage read(ImageRef ref) throws IOException {
    try {
      return objects.read(new ImageRun(List.of(ref), List.of(0))).get(0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  @Override
  public void close() {
    closed.countDown();
    timer.close();
  }
}

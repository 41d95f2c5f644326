package io.simmim.pipeline.replay;

import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.fetch.ImageReader;
import io.simmim.pipeline.run.StoredRun;
import io.simmim.schemas.EncodedImage;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;

/**
 * Images that a run has had, read again. One that the run rejected is not tried again: it may have
 * ended the process that decoded it. Thread-safe.
 */
public final class PastImages implements AutoCloseable {
  private final ImageReader reader;
  private final ImageReader once;
  private volatile boolean storageWasAway;

  /** The images of a run, each with the attempts that the run's own readers have. */
  public PastImages(StoredRun run) {
    FetchConfig fetch = run.config().fetch();
    reader = new ImageReader(fetch, run.roots());
    once = new ImageReader(fetch.withoutRetries(), run.roots());
  }

  /**
   * Reads one that has to be what it was.
   *
   * @param rejection why the run could not use it; empty if it could
   * @throws IOException if storage is away
   */
  EncodedImage read(ImageRef ref, String rejection) throws IOException {
    return rejection.isEmpty() ? reader.read(ref) : EncodedImage.failed(ref, rejection);
  }

  /**
   * Reads one to be looked at, which others can be without. When storage has been away through all
   * attempts once, further images get a single one: a step has thousands.
   *
   * @param rejection why the run could not use it; empty if it could
   * @return the image, or the reason why it cannot be shown
   */
  public EncodedImage readIfThere(ImageRef ref, String rejection) {
    if (!rejection.isEmpty()) {
      return EncodedImage.failed(ref, rejection);
    }
    try {
      return (storageWasAway ? once : reader).read(ref);
    } catch (IOException e) {
      storageWasAway = true;
      return EncodedImage.failed(ref, "cannot be read now: " + StorageFailure.reason(e));
    }
  }

  @Override
  public void close() {
    reader.close();
    once.close();
  }
}

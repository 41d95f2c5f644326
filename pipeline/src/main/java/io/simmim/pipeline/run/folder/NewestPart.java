package io.simmim.pipeline.run.folder;

import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;

/**
 * Reads the newest checkpoint, model or log of a run that may be under way. A run deletes old ones
 * as newer ones come, also between finding and reading.
 */
public final class NewestPart {
  /** Whoever misses so many in a row looks for something else. */
  static final int TRIES = 5;

  private NewestPart() {}

  /** Finds the newest one and reads it. */
  public interface Reading<T> {
    T read() throws IOException;
  }

  /** Reads, anew if what was found is not there any more, {@value #TRIES} times at most. */
  public static <T> T read(Reading<T> reading) throws IOException {
    for (int i = 1; i < TRIES; i++) {
      try {
        return reading.read();
      } catch (IOException | UserError e) {
        boolean isGone =
            StorageFailure.isMissing(e)
                || (e.getCause() != null && StorageFailure.isMissing(e.getCause()));
        if (!isGone) {
          throw e;
        }
      }
    }
    return reading.read();
  }
}

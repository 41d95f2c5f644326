package io.simmim.schemas.storage;

import java.io.IOException;

/**
 * Writes of a few bytes to a disk that is full for a moment: a checkpoint that does not fit fills
 * it until it is given up, and has room made again.
 */
public final class RoomAgain {
  private static final int MOST_TRIES = 20;
  private static final long REST_MILLIS = 50;

  private RoomAgain() {}

  /** A write that goes on, when it is tried again, behind what it has written. */
  @FunctionalInterface
  public interface Write {
    void run() throws IOException;
  }

  /**
   * Writes, and tries again for a second where there is no room.
   *
   * @throws IOException the last failure; any other than a full disk at once
   */
  public static void await(Write write) throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        write.run();
        return;
      } catch (IOException e) {
        if (tries == MOST_TRIES || StorageFailure.full(e).isEmpty()) {
          throw e;
        }
        try {
          Thread.sleep(REST_MILLIS);
        } catch (InterruptedException interrupt) {
          Thread.currentThread().interrupt();
          throw e;
        }
      }
    }
  }
}

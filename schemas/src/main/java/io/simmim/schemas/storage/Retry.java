package io.simmim.schemas.storage;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * How often something is tried on storage, and the waits between. They double from one to the next,
 * up to 10 seconds; each is shortened at random by up to a half, so that those who failed together
 * do not return together.
 *
 * @param attempts tries, the first one included
 * @param backoff wait before the second try
 */
public record Retry(int attempts, Duration backoff) {
  private static final long LONGEST_MILLIS = 10_000;
  private static final int MOST_DOUBLINGS = 16;

  /** Whether there is no attempt after this one, counted from 1. */
  public boolean isLast(int attempt) {
    return attempt >= attempts;
  }

  /**
   * Waits between a failed attempt and the next one.
   *
   * @param attempt the failed one, counted from 1
   * @param ended ends the wait when it is counted down
   * @throws InterruptedException if it is ended, or the thread interrupted
   */
  public void pause(int attempt, CountDownLatch ended) throws InterruptedException {
    long full = longestMillis(attempt);
    long millis = full - ThreadLocalRandom.current().nextLong(full / 2 + 1);
    if (ended.await(millis, TimeUnit.MILLISECONDS)) {
      throw new InterruptedException("no further attempt is wanted");
    }
  }

  long longestMillis(int attempt) {
    long first = Math.min(LONGEST_MILLIS, backoff.toMillis());
    return Math.min(LONGEST_MILLIS, first << Math.min(attempt - 1, MOST_DOUBLINGS));
  }
}

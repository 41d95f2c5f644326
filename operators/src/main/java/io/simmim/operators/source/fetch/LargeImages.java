package io.simmim.operators.source.fetch;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Room for images that find none within the bytes in flight of their readers. All readers of a JVM
 * have as much together as the largest image may have, so that the heap of a TaskManager does not
 * depend on how many of them meet a huge image at once: what finds no room waits for the others.
 *
 * <p>Whoever has room must give it back without waiting for anything but storage and a decoder.
 * Safe for use by several threads.
 */
public final class LargeImages {
  private static final long UNIT = 1L << 10;

  private static final Map<Long, LargeImages> BY_LIMIT = new ConcurrentHashMap<>();

  private final Semaphore units;

  private LargeImages(long limitBytes) {
    units = new Semaphore(units(limitBytes), true);
  }

  /** The room that all with the same limit share. */
  public static LargeImages shared(long limitBytes) {
    return BY_LIMIT.computeIfAbsent(limitBytes, LargeImages::new);
  }

  private static int units(long bytes) {
    return Math.toIntExact((bytes + UNIT - 1) / UNIT);
  }

  /**
   * Waits until there is room.
   *
   * @param bytes at most the limit
   */
  public void take(long bytes) throws InterruptedException {
    units.acquire(units(bytes));
  }

  /** Gives back what was taken. */
  public void giveBack(long bytes) {
    units.release(units(bytes));
  }
}

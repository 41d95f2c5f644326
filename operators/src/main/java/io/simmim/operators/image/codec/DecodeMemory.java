package io.simmim.operators.image.codec;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Limits what decoding may take, before a decoder is called: each says how many bytes it needs for
 * this image, on the heap and natively.
 *
 * <p>Heap: {@link #HEAP_BYTES} per image, of which each task decodes one. Native memory: all tasks
 * of a JVM together stay within one limit, so that a TaskManager's memory does not depend on how
 * many of them meet a huge image at once: what finds no room waits for the others. Images that need
 * at most {@link #KEPT_BYTES} do not ask.
 *
 * <p>Safe for use by several threads.
 */
public final class DecodeMemory {
  /** One rule for all buffers: those that are larger are given back after the image. */
  public static final long KEPT_BYTES = 16L << 20;

  /** Heap that a decoder may take for one image, the file as it was read and strips aside. */
  public static final long HEAP_BYTES = 64L << 20;

  private static final long UNIT = 1L << 20;

  private static final Map<Long, DecodeMemory> BY_LIMIT = new ConcurrentHashMap<>();

  private final long limitBytes;
  private final Semaphore units;

  /**
   * The wait for memory was interrupted: the task is being cancelled, the image is not at fault.
   */
  public static final class InterruptedWaitException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private InterruptedWaitException(InterruptedException cause) {
      super("interrupted while waiting for memory to decode in", cause);
    }
  }

  private DecodeMemory(long limitBytes) {
    this.limitBytes = limitBytes;
    units = new Semaphore(units(limitBytes), true);
  }

  /** The memory that all with the same limit share. */
  public static DecodeMemory shared(long nativeLimitBytes) {
    return BY_LIMIT.computeIfAbsent(nativeLimitBytes, DecodeMemory::new);
  }

  private static int units(long bytes) {
    return Math.toIntExact((bytes + UNIT - 1) / UNIT);
  }

  /**
   * Waits until so much native memory may be taken.
   *
   * @param image for people: what is to be decoded
   * @return what {@link #release} wants back
   * @throws UnreadableImageException if it is more than all may take together
   */
  public int lease(long bytes, String image) throws UnreadableImageException {
    if (bytes > limitBytes) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "decoding %s takes %d MB; max-megapixels allows %d MB",
              image,
              megabytes(bytes),
              limitBytes / 1_000_000));
    }
    if (bytes <= KEPT_BYTES) {
      return 0;
    }
    int count = units(bytes);
    try {
      units.acquire(count);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedWaitException(e);
    }
    return count;
  }

  /** Bytes that are leased now, up to whole units. */
  public long leasedBytes() {
    return (units(limitBytes) - units.availablePermits()) * UNIT;
  }

  /** Ends a {@link #lease}. */
  public void release(int lease) {
    units.release(lease);
  }

  /**
   * Refuses an image that takes more heap than an image may.
   *
   * @param image for people: what is to be decoded; asked only then
   */
  public static void requireHeap(long bytes, Supplier<String> image)
      throws UnreadableImageException {
    if (bytes > HEAP_BYTES) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "decoding %s takes %d MB of heap (allowed: %d)",
              image.get(),
              megabytes(bytes),
              HEAP_BYTES / 1_000_000));
    }
  }

  /** Rounded up: what is refused is more than what is allowed, in the message too. */
  private static long megabytes(long bytes) {
    return (bytes + 999_999) / 1_000_000;
  }
}

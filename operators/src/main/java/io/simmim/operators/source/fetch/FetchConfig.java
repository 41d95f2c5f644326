package io.simmim.operators.source.fetch;

import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.storage.Retry;
import io.simmim.schemas.text.Amount;
import java.io.Serializable;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;

/**
 * How each source reader fetches objects.
 *
 * @param concurrency objects fetched at once, per reader
 * @param bytesInFlight bytes that a reader fetches and holds, besides a chunk of at most half as
 *     much that is being decoded, and an image that exceeds them ({@link LargeImages})
 * @param maxObjectBytes larger objects are rejected, not read
 * @param attempts tries per object before the job attempt fails
 * @param backoff wait before the second try; see {@link Retry}
 * @param timeout limit of one try. A try is interrupted then; sockets that ignore interruption are
 *     ended by the time-outs of the file system plugin
 * @param windowChunks chunks handed out ahead of the slowest one: bounds the skew between readers,
 *     and with it what the trainer holds to restore the order; 0 = by the number of readers
 */
public record FetchConfig(
    int concurrency,
    long bytesInFlight,
    long maxObjectBytes,
    int attempts,
    Duration backoff,
    Duration timeout,
    int windowChunks)
    implements Serializable {
  private static final int LEAST_WINDOW = 64;
  private static final int LARGEST_WINDOW = 256;

  /**
   * Images asked for ahead per thread. A request that is refused waits up to a second before it is
   * tried again, and two refusals in a row are common enough to be met every few seconds; the
   * images of that time must be on their way.
   */
  private static final int IMAGES_AHEAD = 8;

  public FetchConfig {
    Objects.requireNonNull(backoff, "backoff");
    Objects.requireNonNull(timeout, "timeout");
    atLeastOne("fetch.concurrency", concurrency);
    atLeastOne("fetch.bytes-in-flight", bytesInFlight);
    atLeastOne("fetch.attempts", attempts);
    if (concurrency > 1024) {
      throw new IllegalArgumentException("fetch.concurrency must be at most 1024: " + concurrency);
    }
    if (maxObjectBytes < 1 || maxObjectBytes > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "fetch.max-object-bytes must be from 1 to %d: %d",
              Integer.MAX_VALUE - 8,
              maxObjectBytes));
    }
    if (windowChunks < 0 || windowChunks > ChunkSplit.NAMES) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "fetch.window-chunks must be from 0 to %d: %d",
              ChunkSplit.NAMES,
              windowChunks));
    }
    if (backoff.isNegative()) {
      throw new IllegalArgumentException(
          "fetch.backoff must not be negative: " + Amount.of(backoff));
    }
    if (timeout.compareTo(Duration.ofMillis(1)) < 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "fetch.timeout must be at least 1ms: %dms", timeout.toMillis()));
    }
  }

  /** 16 objects and 64 MiB at once, 5 tries, objects up to 256 MiB, a window by the readers. */
  public static FetchConfig defaults() {
    return new FetchConfig(
        16, 64L << 20, 256L << 20, 5, Duration.ofMillis(200), Duration.ofSeconds(60), 0);
  }

  /** The same with a single try per object. */
  public FetchConfig withoutRetries() {
    return new FetchConfig(
        concurrency, bytesInFlight, maxObjectBytes, 1, backoff, timeout, windowChunks);
  }

  /**
   * How shards are indexed and folders listed: at twice as many at once, since headers are small.
   */
  public ShardReading shardReading() {
    return new ShardReading(2 * concurrency, attempts, backoff);
  }

  Retry retry() {
    return new Retry(attempts, backoff);
  }

  /**
   * Chunks that a reader asks for at once: the one it emits, and for every thread eight images, or
   * a block of neighbours, which is one request in a tar shard.
   */
  public int chunksPerReader(Shuffle shuffle, int chunkImages) {
    return switch (shuffle) {
      case SAMPLE -> 1 + (IMAGES_AHEAD * concurrency + chunkImages - 1) / chunkImages;
      case BLOCK -> 1 + concurrency;
    };
  }

  /**
   * Chunks handed out ahead of the slowest one. If it is not given: twice what all readers ask for,
   * so that the others go on while one of them is slow, within limits that bound the memory.
   *
   * @param readers parallel readers of the source
   */
  public int windowChunks(int readers, Shuffle shuffle, int chunkImages) {
    if (windowChunks > 0) {
      return windowChunks;
    }
    long wanted = 2L * readers * chunksPerReader(shuffle, chunkImages);
    return (int) Math.min(Math.max(wanted, LEAST_WINDOW), LARGEST_WINDOW);
  }

  /** The largest window, whatever the number of readers. */
  public int largestWindowChunks() {
    return windowChunks > 0 ? windowChunks : LARGEST_WINDOW;
  }

  private static void atLeastOne(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%s must be at least 1: %d", name, value));
    }
  }
}

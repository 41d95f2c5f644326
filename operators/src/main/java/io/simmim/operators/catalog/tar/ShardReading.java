package io.simmim.operators.catalog.tar;

import io.simmim.schemas.storage.Retry;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.text.Amount;
import io.simmim.schemas.text.PrintableText;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;

/**
 * How tar shards are read while they are indexed, and how many folders are listed at once.
 *
 * @param concurrency shards indexed at once; also folders listed at once, where they are not local
 * @param attempts tries per read before listing fails
 * @param backoff wait before the second try; see {@link Retry}
 */
public record ShardReading(int concurrency, int attempts, Duration backoff) {
  public ShardReading {
    Objects.requireNonNull(backoff, "backoff");
    if (concurrency < 1 || attempts < 1 || backoff.isNegative()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "concurrency and attempts must be at least 1, backoff not negative: %d, %d, %s",
              concurrency,
              attempts,
              Amount.of(backoff)));
    }
  }

  /** Names the shard that storage refuses; another failure does that itself. */
  public static IOException named(String uri, IOException failure) {
    return StorageFailure.isRefusal(failure)
        ? new IOException(
            String.format(
                Locale.ROOT,
                "cannot read %s: %s",
                PrintableText.of(uri),
                StorageFailure.reason(failure)),
            failure)
        : failure;
  }

  Retry retry() {
    return new Retry(attempts, backoff);
  }

  /** 32 shards at once, 5 tries. */
  public static ShardReading defaults() {
    return new ShardReading(32, 5, Duration.ofMillis(200));
  }
}

package io.simmim.pipeline.config.cluster;

import java.time.Duration;
import java.util.Objects;

/**
 * When the state of the run is saved, and how much of it is kept.
 *
 * @param interval time between two checkpoints
 * @param retained number of checkpoints kept
 */
public record CheckpointConfig(Duration interval, int retained) {
  private static final Duration LEAST_INTERVAL = Duration.ofMillis(10);

  public CheckpointConfig {
    Objects.requireNonNull(interval, "interval");
    if (interval.compareTo(LEAST_INTERVAL) < 0) {
      throw new IllegalArgumentException(
          "checkpoint.interval must be at least 10ms: %dms".formatted(interval.toMillis()));
    }
    if (retained < 1) {
      throw new IllegalArgumentException("checkpoint.retained must be at least 1: " + retained);
    }
  }
}

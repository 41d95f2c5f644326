package io.simmim.operators.source.enumerator;

import io.simmim.operators.arrival.WhenIdle;
import io.simmim.operators.arrival.feed.EventFeedConfig;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a continuous run is told of its images.
 *
 * @param inputs folders whose images are used, on any Flink file system
 * @param excludedFolders folders below them that are left out
 * @param logFolder where the log of arrivals is kept
 * @param seed the run's seed
 * @param replayShare share of replayed images
 * @param followInterval time between two listings of the inputs; null if they are not listed
 * @param events the topic or queue with notifications; null if there is none
 * @param whenIdle what to do while too little arrives
 * @param maxWaiting images that may have arrived without being trained on before feeds wait
 */
public record ArrivalSourceConfig(
    List<String> inputs,
    List<String> excludedFolders,
    String logFolder,
    long seed,
    double replayShare,
    Duration followInterval,
    EventFeedConfig events,
    WhenIdle whenIdle,
    long maxWaiting)
    implements Serializable {
  public ArrivalSourceConfig {
    inputs = List.copyOf(inputs);
    excludedFolders = List.copyOf(excludedFolders);
    Objects.requireNonNull(logFolder, "logFolder");
    Objects.requireNonNull(whenIdle, "whenIdle");
    if (maxWaiting < 1) {
      throw new IllegalArgumentException(
          "continuous.max-waiting must be at least 1: " + maxWaiting);
    }
  }

  /** The topic or queue as a checkpoint names it; empty if there is none. */
  String topic() {
    return Optional.ofNullable(events).map(EventFeedConfig::source).orElse("");
  }

  /** Whether offsets that a checkpoint has are those of the topic or queue. */
  boolean continues(String topic) {
    return events != null
        && (topic.equals(topic()) || (!topic.isEmpty() && events.continues(topic)));
  }
}

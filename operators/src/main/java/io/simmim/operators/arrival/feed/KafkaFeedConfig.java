package io.simmim.operators.arrival.feed;

import io.simmim.operators.kafka.KafkaTopic;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * How a topic is read.
 *
 * @param options for the Kafka client, by its own keys; values may be secrets, so the text of this
 *     record shows none
 * @param start where a new run begins
 * @param lost what to do when events are gone that were not read
 */
public record KafkaFeedConfig(
    KafkaTopic topic, Map<String, String> options, KafkaFeed.Start start, KafkaFeed.LostEvents lost)
    implements Serializable {
  public KafkaFeedConfig {
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(start, "start");
    Objects.requireNonNull(lost, "lost");
    options = Map.copyOf(new TreeMap<>(options));
  }

  /**
   * Makes the feed, without contacting any broker.
   *
   * @param offsets next offset to read of each partition; empty for a new run
   * @param roots the input
   * @throws io.simmim.schemas.UserError if the options are not to be used
   */
  public ArrivalFeed open(Map<Integer, Long> offsets, List<String> roots) {
    return new KafkaFeed(topic, options, start, lost, offsets, roots);
  }

  @Override
  public String toString() {
    return "KafkaFeedConfig[%s, options %s]".formatted(topic, options.keySet());
  }
}

package io.simmim.operators.arrival.feed;

import io.simmim.operators.arrival.FeedPosition;
import io.simmim.operators.arrival.notification.S3Notifications;
import io.simmim.operators.kafka.KafkaTopic;
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
    implements EventFeedConfig {
  public KafkaFeedConfig {
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(start, "start");
    Objects.requireNonNull(lost, "lost");
    options = Map.copyOf(new TreeMap<>(options));
  }

  @Override
  public String source() {
    return topic.toString();
  }

  @Override
  public boolean continues(String source) {
    return source.startsWith(KafkaTopic.SCHEME) && topic.isSame(KafkaTopic.parse(source));
  }

  @Override
  public ArrivalFeed open(FeedPosition position, S3Notifications notifications) {
    return new KafkaFeed(topic, options, start, lost, position, notifications, KafkaFeed.PATIENCE);
  }

  @Override
  public String toString() {
    return "KafkaFeedConfig[%s, options %s]".formatted(topic, options.keySet());
  }
}

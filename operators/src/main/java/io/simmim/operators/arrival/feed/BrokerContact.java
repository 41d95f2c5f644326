package io.simmim.operators.arrival.feed;

import io.simmim.operators.kafka.KafkaTopic;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Metric;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether brokers can be reached. The client does not tell that they are away, it finds nothing;
 * but it has no connection.
 *
 * <p>Not thread-safe.
 */
final class BrokerContact {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerContact.class);

  private final KafkaTopic topic;
  private final Metric connections;
  private boolean disconnected;

  BrokerContact(KafkaTopic topic, KafkaConsumer<?, ?> consumer) {
    this.topic = topic;
    this.connections =
        consumer.metrics().entrySet().stream()
            .filter(
                metric ->
                    metric.getKey().name().equals("connection-count")
                        && metric.getKey().group().equals("consumer-metrics"))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElseThrow();
  }

  boolean isDisconnected() {
    return disconnected;
  }

  /** Looks at the connections of the client, after it has polled. */
  void look() {
    if (((Number) connections.metricValue()).doubleValue() > 0) {
      if (disconnected) {
        LOG.info("Kafka at {} is back", topic.brokers());
      }
      disconnected = false;
    } else {
      lose("no connection");
    }
  }

  void lose(String reason) {
    if (!disconnected) {
      LOG.warn("Kafka at {} cannot be reached, waiting for it: {}", topic.brokers(), reason);
    }
    disconnected = true;
  }
}

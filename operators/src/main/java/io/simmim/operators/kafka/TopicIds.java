package io.simmim.operators.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks brokers for the id of a topic, which one that is created anew under the same name does not
 * have. Consumers are not told: they go on in the new topic where they were in the old one.
 *
 * <p>Confined to one thread at a time.
 */
public final class TopicIds implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicIds.class);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  private final KafkaTopic topic;
  private final Admin client;
  private final Duration interval;
  private boolean asked;
  private long askedNanos;

  /**
   * Makes a client without contacting any broker.
   *
   * @param options what the client is told, by Kafka's own keys
   * @throws io.simmim.schemas.UserError if the client cannot be made with these options
   */
  public TopicIds(KafkaTopic topic, Map<String, String> options) {
    this.topic = topic;
    this.client = KafkaClients.asking(topic, options);
    this.interval = KafkaClientOptions.metadataMaxAge(topic, options);
  }

  /** The id as {@link #ask} tells it, unless the brokers were asked a moment ago. */
  public Optional<String> askNowAndThen() throws InterruptedException {
    return asked && System.nanoTime() - askedNanos < interval.toNanos() ? Optional.empty() : ask();
  }

  /**
   * The id, unless the brokers do not answer within seconds or have none, as those before Kafka
   * 2.8. Whoever reads the topic learns what is wrong.
   */
  public Optional<String> ask() throws InterruptedException {
    try {
      Uuid id =
          client
              .describeTopics(List.of(topic.topic()))
              .topicNameValues()
              .get(topic.topic())
              .get()
              .topicId();
      return id.equals(Uuid.ZERO_UUID) ? Optional.empty() : Optional.of(id.toString());
    } catch (ExecutionException e) {
      LOG.debug("{} tells no id", topic, e);
      return Optional.empty();
    } finally {
      asked = true;
      askedNanos = System.nanoTime();
    }
  }

  @Override
  public void close() {
    client.close(CLOSE_LIMIT);
  }
}

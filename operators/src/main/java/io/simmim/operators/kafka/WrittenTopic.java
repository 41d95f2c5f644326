package io.simmim.operators.kafka;

import io.simmim.schemas.UserError;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks before a job whether there is a topic that it is going to write to. */
public final class WrittenTopic {
  private static final Logger LOG = LoggerFactory.getLogger(WrittenTopic.class);

  /** Brokers that make it then take a moment. */
  private static final String MAKING_MILLIS = "5000";

  private WrittenTopic() {}

  /**
   * Refuses a topic that brokers do not have, and do not make for who writes to it. Anything else
   * is left to the job: its machines may reach brokers that do not answer here.
   *
   * @param options what clients are told, by Kafka's own keys
   * @throws UserError if there is no such topic
   */
  public static void require(KafkaTopic topic, Map<String, String> options) {
    try (Admin client = KafkaClients.asking(topic, options)) {
      client.describeTopics(List.of(topic.topic())).allTopicNames().get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException unknown) {
        requireMade(topic, options, unknown);
      } else {
        LOG.debug("{} cannot be asked for", topic, e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError("interrupted while asking for " + topic, e);
    } catch (KafkaException | UserError e) {
      LOG.debug("{} cannot be asked for", topic, e);
    }
  }

  /** Most brokers make a topic when a producer asks for it. */
  private static void requireMade(
      KafkaTopic topic, Map<String, String> options, UnknownTopicOrPartitionException unknown) {
    Map<String, String> soon = new HashMap<>(options);
    soon.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, MAKING_MILLIS);
    try (KafkaProducer<byte[], byte[]> producer = KafkaClients.producer(topic, soon)) {
      LOG.debug("{} has {} partitions", topic, producer.partitionsFor(topic.topic()).size());
    } catch (KafkaException e) {
      throw KafkaFailure.unknown(topic, unknown);
    }
  }
}

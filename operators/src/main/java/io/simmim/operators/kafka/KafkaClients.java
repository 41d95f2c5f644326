package io.simmim.operators.kafka;

import io.simmim.schemas.UserError;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;

/** Makes Kafka's clients, without contacting any broker. */
public final class KafkaClients {
  private KafkaClients() {}

  /**
   * A client that reads.
   *
   * @param options what the user tells it, by Kafka's own keys
   * @throws UserError if it cannot be made with these options
   */
  public static KafkaConsumer<byte[], byte[]> consumer(
      KafkaTopic topic, Map<String, String> options) {
    KafkaClientOptions.requireAllowed(options);
    return make(topic, () -> new KafkaConsumer<>(KafkaClientOptions.reading(topic, options)));
  }

  /** A client that writes, likewise: idempotent, and acknowledged by all replicas in sync. */
  public static KafkaProducer<byte[], byte[]> producer(
      KafkaTopic topic, Map<String, String> options) {
    KafkaClientOptions.requireAllowed(options);
    return make(topic, () -> new KafkaProducer<>(KafkaClientOptions.writing(topic, options)));
  }

  /** A client that asks about topics, likewise. */
  static Admin asking(KafkaTopic topic, Map<String, String> options) {
    KafkaClientOptions.requireAllowed(options);
    return make(topic, () -> Admin.create(KafkaClientOptions.asking(topic, options)));
  }

  /** Kafka finds classes by their names with the thread's class loader, which may not be ours. */
  private static <T> T make(KafkaTopic topic, Supplier<T> client) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(KafkaClients.class.getClassLoader());
    try {
      return client.get();
    } catch (KafkaException e) {
      throw KafkaFailure.ofClient(topic, e);
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}

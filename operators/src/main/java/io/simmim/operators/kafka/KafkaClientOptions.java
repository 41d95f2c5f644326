package io.simmim.operators.kafka;

import io.simmim.schemas.UserError;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What Kafka's clients are told: what the user says, by Kafka's own keys, and what correctness
 * needs, which the user cannot change.
 */
public final class KafkaClientOptions {
  private static final Map<String, Object> READING =
      Map.of(
          // Offsets are in the checkpoint; a group would have others, and rebalance partitions
          // away.
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
          false,
          // Offsets that are gone are a decision of the user, not a jump.
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
          "none",
          // Asking for a topic must not create it.
          ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
          false,
          ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
          ByteArrayDeserializer.class,
          ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
          ByteArrayDeserializer.class);

  private static final Map<String, Object> WRITING =
      Map.of(
          // A record counts as written when no failure of a broker can lose it.
          ProducerConfig.ACKS_CONFIG,
          "all",
          ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
          true,
          ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
          ByteArraySerializer.class,
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
          ByteArraySerializer.class);

  private static final int ASK_LIMIT_MILLIS = 5000;

  /** The user's values give way to these, so they are refused rather than ignored. */
  private static final TreeSet<String> REFUSED =
      new TreeSet<>(
          List.of(
              ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
              ConsumerConfig.GROUP_ID_CONFIG,
              ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
              ConsumerConfig.GROUP_PROTOCOL_CONFIG,
              ProducerConfig.TRANSACTIONAL_ID_CONFIG));

  static {
    REFUSED.addAll(READING.keySet());
    REFUSED.addAll(WRITING.keySet());
  }

  private KafkaClientOptions() {}

  /**
   * Refuses what correctness needs otherwise.
   *
   * @throws UserError that names the key
   */
  public static void requireAllowed(Map<String, String> options) {
    for (String key : options.keySet()) {
      if (REFUSED.contains(key)) {
        throw new UserError(
            "kafka.%s cannot be set (these are fixed: %s)"
                .formatted(key, String.join(", ", REFUSED)));
      }
    }
  }

  /** Whether Kafka's clients define the key as one of a password. */
  public static boolean isPassword(String key) {
    return Stream.of(ConsumerConfig.configDef(), ProducerConfig.configDef())
        .map(definition -> definition.configKeys().get(key))
        .anyMatch(found -> found != null && found.type == ConfigDef.Type.PASSWORD);
  }

  /** Settings of a consumer: ours as far as the user has no other, and what correctness needs. */
  public static Map<String, Object> reading(KafkaTopic topic, Map<String, String> options) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    // A message may hold thousands of records, and all of a poll are in memory together.
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 100);
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 << 20);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 1 << 20);
    // New partitions are found as often.
    settings.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 30_000);
    common(topic, settings);
    settings.putAll(options);
    settings.putAll(READING);
    return settings;
  }

  /** Settings of a producer, likewise. */
  static Map<String, Object> writing(KafkaTopic topic, Map<String, String> options) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 60_000);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 60_000);
    common(topic, settings);
    settings.putAll(options);
    settings.putAll(WRITING);
    return settings;
  }

  /** Settings of a client that asks about topics: an answer is worth some seconds. */
  static Map<String, Object> asking(KafkaTopic topic, Map<String, String> options) {
    Map<String, Object> settings = new HashMap<>();
    common(topic, settings);
    settings.putAll(options);
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ASK_LIMIT_MILLIS);
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ASK_LIMIT_MILLIS);
    return settings;
  }

  /** How old a consumer lets become what it knows of the cluster. */
  static Duration metadataMaxAge(KafkaTopic topic, Map<String, String> options) {
    Object millis = reading(topic, options).get(ConsumerConfig.METADATA_MAX_AGE_CONFIG);
    return Duration.ofMillis(Long.parseLong(millis.toString().strip()));
  }

  private static void common(KafkaTopic topic, Map<String, Object> settings) {
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, topic.brokers());
    // The client's own numbers begin anew with each class loader, and clash in the JVM's registry.
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "simmim-" + UUID.randomUUID());
    // The client logs each try.
    settings.put(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 10_000);
    settings.put(ConsumerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
  }
}

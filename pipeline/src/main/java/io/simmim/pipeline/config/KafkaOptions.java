package io.simmim.pipeline.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.simmim.operators.kafka.KafkaClientOptions;
import io.simmim.schemas.UserError;
import java.util.Map;
import java.util.TreeMap;

/**
 * What Kafka's clients are told: the group {@code kafka} of the configuration. Values may be
 * secrets, so the text of this record shows none.
 *
 * @param values by Kafka's own keys, such as {@code security.protocol}
 */
public record KafkaOptions(@JsonValue Map<String, String> values) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public KafkaOptions(Map<String, String> values) {
    this.values = Map.copyOf(new TreeMap<>(values));
    try {
      KafkaClientOptions.requireAllowed(values);
    } catch (UserError e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Whether a value must not be shown: as Kafka has it, or as the key looks. */
  public static boolean isSecret(String key) {
    return KafkaClientOptions.isPassword(key) || ConfigText.looksSecret(key);
  }

  @Override
  public String toString() {
    return "KafkaOptions" + values.keySet();
  }
}

package io.simmim.pipeline.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.configuration.GlobalConfiguration;

/**
 * What Flink is told where it runs in this process, its file systems included: the group {@code
 * flink} of the configuration. Values may be secrets, so the text of this record shows none.
 *
 * @param values by Flink's own keys, such as {@code s3.endpoint}
 */
public record FlinkOptions(@JsonValue Map<String, String> values) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public FlinkOptions(Map<String, String> values) {
    this.values = Map.copyOf(new TreeMap<>(values));
  }

  /** Whether a value must not be shown: as Flink has it, or as the key looks. */
  public static boolean isSecret(String key) {
    return GlobalConfiguration.isSensitive(key) || ConfigText.looksSecret(key);
  }

  @Override
  public String toString() {
    return "FlinkOptions" + values.keySet();
  }
}

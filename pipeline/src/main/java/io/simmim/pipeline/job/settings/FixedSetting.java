package io.simmim.pipeline.job.settings;

import io.simmim.schemas.UserError;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;

/** A setting of Flink that has one value here, whatever Flink was told. */
public record FixedSetting<T>(ConfigOption<T> option, T value) {
  public void addTo(Configuration settings) {
    settings.set(option, value);
  }

  /**
   * Refuses what would not be heeded.
   *
   * @param told by the group {@code flink}
   * @throws UserError if it says otherwise
   */
  public void requireIn(ReadableConfig told) {
    boolean other;
    try {
      other = told.getOptional(option).filter(it -> !it.equals(value)).isPresent();
    } catch (IllegalArgumentException e) { // it has no such value
      other = true;
    }
    if (other) {
      throw new UserError(
          "flink.%s must be %s in runs in this process: %s"
              .formatted(option.key(), value, told.toMap().getOrDefault(option.key(), "another")));
    }
  }
}

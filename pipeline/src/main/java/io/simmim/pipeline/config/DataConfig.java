package io.simmim.pipeline.config;

import java.util.List;
import java.util.Objects;

/**
 * Where the images are.
 *
 * @param input folders or files, on any Flink file system
 */
public record DataConfig(List<String> input) {
  public DataConfig {
    Objects.requireNonNull(input, "input");
    input = List.copyOf(input);
    if (input.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException("input must hold URIs that are not empty: " + input);
    }
  }
}

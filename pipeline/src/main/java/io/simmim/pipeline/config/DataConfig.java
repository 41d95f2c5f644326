package io.simmim.pipeline.config;

import io.simmim.operators.source.split.Shuffle;
import java.util.List;
import java.util.Objects;

/**
 * Where the images are, and in which order they are used.
 *
 * @param input folders, JPEGs or tar shards, on any Flink file system
 * @param shuffle how each epoch is put in order
 */
public record DataConfig(List<String> input, Shuffle shuffle) {
  public DataConfig {
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(shuffle, "shuffle");
    input = List.copyOf(input);
    if (input.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException("data.input must hold URIs that are not empty: " + input);
    }
  }
}

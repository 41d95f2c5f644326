package io.simmim.pipeline.mlflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.pipeline.sink.ShownNames;
import io.simmim.schemas.timing.StoredTime;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A line of a run with numbers of a step. */
record ToldLine(JsonNode node) {
  private static final Pattern NEIGHBOURS = Pattern.compile("knn([0-9]{1,6})_top([15])");

  /** Nothing if it is none. */
  static Optional<ToldLine> of(String line) {
    try {
      return Optional.of(new ToldLine(MlflowServer.JSON.readTree(line)))
          .filter(read -> read.step() > 0);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  long step() {
    return node.path("step").asLong();
  }

  long epoch() {
    return node.path("epoch").asLong();
  }

  /** When it was, milliseconds since 1970. */
  OptionalLong epochMillis() {
    return StoredTime.parse(node.path("time").asText())
        .map(time -> OptionalLong.of(time.toEpochMilli()))
        .orElse(OptionalLong.empty());
  }

  /** Those of a step; of one without any image its loss and its norm say nothing. */
  Map<String, Double> ofStep() {
    Map<String, Double> numbers = numbers(ShownNames.STEP);
    if (node.path("images").asLong(1) == 0) {
      numbers.remove(ShownNames.STEP.get("loss"));
      numbers.remove(ShownNames.STEP.get("gradient_norm"));
    }
    return numbers;
  }

  /** Those of its numbers that have a name. */
  Map<String, Double> numbers(Map<String, String> names) {
    Map<String, Double> numbers = new TreeMap<>();
    names.forEach((field, name) -> add(field, name, numbers));
    return numbers;
  }

  /** Those of an evaluation. */
  Map<String, Double> evaluation() {
    Map<String, Double> numbers = numbers(ShownNames.EVALUATION);
    node.fieldNames()
        .forEachRemaining(
            field -> {
              Matcher matcher = NEIGHBOURS.matcher(field);
              if (matcher.matches()) {
                int neighbours = Integer.parseInt(matcher.group(1));
                int first = Integer.parseInt(matcher.group(2));
                add(field, ShownNames.neighbours(neighbours, first), numbers);
              }
            });
    return numbers;
  }

  private void add(String field, String name, Map<String, Double> numbers) {
    if (node.path(field).isNumber()) {
      numbers.put(name, node.path(field).doubleValue());
    }
  }
}

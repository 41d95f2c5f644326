package io.simmim.pipeline.report.story;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.schemas.timing.StoredTime;
import java.time.Instant;
import java.util.Optional;

/** The fields of a line of JSON that somebody may have changed. */
record JsonFields(JsonNode node) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Nothing if it is no object. */
  static Optional<JsonFields> of(String line) {
    try {
      return Optional.of(MAPPER.readTree(line)).filter(JsonNode::isObject).map(JsonFields::new);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** A whole number, or 0. */
  long whole(String key) {
    return node.path(key).asLong();
  }

  /** A number, or NaN. */
  double number(String key) {
    return node.path(key).asDouble(Double.NaN);
  }

  /** Text, at most so many characters of it; empty if there is none. */
  String text(String key, int longest) {
    String text = node.path(key).asText("");
    return text.length() <= longest ? text : text.substring(0, longest) + "…";
  }

  /** When it was. */
  Optional<Instant> time() {
    return StoredTime.parse(node.path("time").asText());
  }
}

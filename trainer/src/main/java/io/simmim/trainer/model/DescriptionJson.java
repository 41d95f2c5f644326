package io.simmim.trainer.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.text.JsonProblem;
import java.util.Map;

/** The text of a {@code config.json} of ours, of which nothing is taken for granted. */
public final class DescriptionJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int SHOWN_CHARACTERS = 100;

  /** Largest integers that a description may have: far above any model, and soon computed with. */
  private static final Map<String, Integer> LARGEST =
      Map.of(
          "image_size", 1 << 13,
          "embed_dim", 1 << 14,
          "decoder_embed_dim", 1 << 14,
          "depth", 1 << 10,
          "depths", 1 << 10,
          "decoder_depth", 1 << 10);

  private DescriptionJson() {}

  /**
   * Reads a description whose numbers can be computed with.
   *
   * @throws IllegalArgumentException if it is none; the message is one line for people
   */
  public static JsonNode parse(String text) {
    JsonNode json = object(text);
    LARGEST.forEach((key, largest) -> requireAtMost(json.path(key), key, largest));
    return json;
  }

  /**
   * Reads an object, whatever is in it.
   *
   * @throws IllegalArgumentException if it is none; the message is one line for people
   */
  public static JsonNode object(String text) {
    JsonNode json;
    try {
      json = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(JsonProblem.of(e), e);
    }
    if (!json.isObject()) {
      throw new IllegalArgumentException("it is no JSON object");
    }
    return json;
  }

  /**
   * The value of a key.
   *
   * @throws IllegalArgumentException if it is missing
   */
  public static JsonNode require(JsonNode json, String key) {
    if (!json.has(key)) {
      throw new IllegalArgumentException("the key is missing: " + key);
    }
    return json.get(key);
  }

  private static void requireAtMost(JsonNode value, String key, int largest) {
    value.forEach(element -> requireAtMost(element, key, largest));
    if (value.isNumber() && value.asDouble() > largest) {
      throw new IllegalArgumentException(
          "%s must be at most %d: %s".formatted(key, largest, shortened(value)));
    }
  }

  /**
   * Checks that a description is whole: what would be written of the model that it describes.
   *
   * @throws IllegalArgumentException if a key is missing or has another value
   */
  public static void requireWrittenAs(JsonNode found, ObjectNode whole) {
    JsonNode written;
    try {
      written = MAPPER.readTree(MAPPER.writeValueAsString(whole));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a description is written as JSON", e);
    }
    for (Map.Entry<String, JsonNode> key : written.properties()) {
      JsonNode value = require(found, key.getKey());
      if (!same(key.getValue(), value)) {
        throw new IllegalArgumentException(
            "%s must be %s: %s".formatted(key.getKey(), key.getValue(), shortened(value)));
      }
    }
  }

  private static boolean same(JsonNode written, JsonNode found) {
    // 4 and 4.0 are the same number.
    return written.equals(DescriptionJson::compareNumbers, found);
  }

  private static int compareNumbers(JsonNode one, JsonNode other) {
    if (one.isNumber() && other.isNumber()) {
      return Double.compare(one.asDouble(), other.asDouble());
    }
    return one.equals(other) ? 0 : 1;
  }

  /** A value as a message shows it. */
  public static String shortened(JsonNode value) {
    String text = value.toString();
    return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…";
  }
}

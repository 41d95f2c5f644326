package io.simmim.trainer.interop.layout;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.schemas.text.PrintableText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A {@code config.json} as transformers or timm write it. Its numbers are limited. */
public final class ForeignConfig {
  private static final int LARGEST = 1 << 14;
  private static final int MOST_STAGES = 6;
  private static final int SHOWN_CHARACTERS = 100;

  private final JsonNode root;
  private final Library library;

  private ForeignConfig(JsonNode root, Library library) {
    this.root = root;
    this.library = library;
  }

  /**
   * Reads it.
   *
   * @return nothing if it is that of neither library
   * @throws IllegalArgumentException if it is no JSON object
   */
  public static Optional<ForeignConfig> parse(String text) {
    JsonNode root;
    try {
      root = new ObjectMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("it is no JSON: " + e.getOriginalMessage(), e);
    }
    if (!root.isObject()) {
      throw new IllegalArgumentException("it is no JSON object");
    }
    if (root.has("architecture")) {
      return Optional.of(new ForeignConfig(root, Library.TIMM));
    }
    return root.has("architectures") || root.has("model_type")
        ? Optional.of(new ForeignConfig(root, Library.HUGGINGFACE))
        : Optional.empty();
  }

  public Library library() {
    return library;
  }

  /** The class, the model type or the registered name. */
  public String architecture() {
    return library == Library.TIMM
        ? root.path("architecture").asText()
        : root.path("architectures").path(0).asText(modelType());
  }

  public String modelType() {
    return root.path("model_type").asText();
  }

  /** The arguments that timm's constructor gets. */
  public ForeignConfig arguments() {
    JsonNode arguments = root.path("model_args");
    return new ForeignConfig(
        arguments.isObject() ? arguments : new ObjectMapper().createObjectNode(), library);
  }

  public boolean has(String key) {
    return root.hasNonNull(key);
  }

  /**
   * A whole number from 1 on.
   *
   * @throws IllegalArgumentException if it is something else, or missing
   */
  public int integer(String key) {
    return integer(key, root.path(key));
  }

  public int integer(String key, int byDefault) {
    return has(key) ? integer(key) : byDefault;
  }

  /** A side, which may be given as two equal ones. */
  public int side(String key) {
    JsonNode value = root.path(key);
    if (value.isArray() && value.size() == 2 && value.get(0).equals(value.get(1))) {
      return integer(key, value.get(0));
    }
    return integer(key, value);
  }

  private static int integer(String key, JsonNode value) {
    if (!value.isIntegralNumber() || value.asLong() < 1 || value.asLong() > LARGEST) {
      throw new IllegalArgumentException(
          "%s must be a whole number from 1 to %d: %s".formatted(key, LARGEST, shown(value)));
    }
    return value.asInt();
  }

  /** Whole numbers, one of each stage. */
  public List<Integer> integers(String key) {
    JsonNode values = root.path(key);
    if (!values.isArray() || values.isEmpty() || values.size() > MOST_STAGES) {
      throw new IllegalArgumentException(
          "%s must be a list of 1 to %d numbers: %s".formatted(key, MOST_STAGES, shown(values)));
    }
    List<Integer> result = new ArrayList<>();
    values.forEach(value -> result.add(integer(key, value)));
    return result;
  }

  public double number(String key, double byDefault) {
    JsonNode value = root.path(key);
    if (!has(key)) {
      return byDefault;
    }
    if (!value.isNumber()) {
      throw new IllegalArgumentException("%s must be a number: %s".formatted(key, shown(value)));
    }
    return value.asDouble();
  }

  public boolean truth(String key, boolean byDefault) {
    JsonNode value = root.path(key);
    if (!has(key)) {
      return byDefault;
    }
    if (!value.isBoolean()) {
      throw new IllegalArgumentException(
          "%s must be true or false: %s".formatted(key, shown(value)));
    }
    return value.asBoolean();
  }

  /** Refuses what there is no model of here, where a key is there. */
  public void require(String key, String... allowed) {
    if (has(key) && !List.of(allowed).contains(root.path(key).asText())) {
      throw new IllegalArgumentException(
          "%s must be %s: %s".formatted(key, String.join(" or ", allowed), shown(root.path(key))));
    }
  }

  private static String shown(JsonNode value) {
    String text = value.isMissingNode() ? "missing" : value.toString();
    return PrintableText.of(
        text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…");
  }
}

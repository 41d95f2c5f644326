package io.simmim.trainer.interop.layout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.schemas.text.PrintableText;
import io.simmim.trainer.model.DescriptionJson;
import io.simmim.trainer.model.NormalizationJson;
import io.simmim.trainer.model.classifier.ClassifierDescription;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A {@code config.json} as transformers, timm, or a fine-tuning here write it. Its numbers are
 * limited.
 */
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
   * @return nothing if it is that of none
   * @throws IllegalArgumentException if it is no JSON object
   */
  public static Optional<ForeignConfig> parse(String text) {
    JsonNode root = DescriptionJson.object(text);
    if (root.has("architecture")) {
      return Optional.of(new ForeignConfig(root, Library.TIMM));
    }
    if (root.has("architectures") || root.has("model_type")) {
      return Optional.of(new ForeignConfig(root, Library.HUGGINGFACE));
    }
    return ClassifierDescription.TASK.equals(root.path("task").asText())
        ? Optional.of(new ForeignConfig(root, Library.SIMMIM))
        : Optional.empty();
  }

  /** What else transformers writes: {@link ForeignText#PREPROCESSOR}. */
  static ForeignConfig ofPreprocessor(String text) {
    return new ForeignConfig(DescriptionJson.object(text), Library.HUGGINGFACE);
  }

  public Library library() {
    return library;
  }

  /** All of it. */
  public String text() {
    return root.toString();
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
    return object("model_args");
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
    if (!isWhole(value) || value.intValue() < 1 || value.intValue() > LARGEST) {
      throw new IllegalArgumentException(
          "%s must be a whole number from 1 to %d: %s".formatted(key, LARGEST, shown(value)));
    }
    return value.intValue();
  }

  /** Whether it is a whole number that does not become another one as an int. */
  private static boolean isWhole(JsonNode value) {
    return value.isIntegralNumber() && value.canConvertToInt();
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

  /** Whole numbers, one of each stage, of which 0 says nothing; none if the key is not there. */
  public List<Integer> sizes(String key) {
    JsonNode values = root.path(key);
    List<Integer> result = new ArrayList<>();
    for (JsonNode value : values) {
      result.add(isWhole(value) && value.intValue() == 0 ? 0 : integer(key, value));
    }
    if (has(key) && (!values.isArray() || values.isEmpty() || values.size() > MOST_STAGES)) {
      throw new IllegalArgumentException(
          "%s must be a list of 1 to %d numbers: %s".formatted(key, MOST_STAGES, shown(values)));
    }
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

  /** The text of a key, or else what is given. */
  public String text(String key, String byDefault) {
    return root.path(key).isTextual() ? root.path(key).asText() : byDefault;
  }

  /** The object of a key; one without keys if there is none. */
  public ForeignConfig object(String key) {
    JsonNode value = root.path(key);
    return new ForeignConfig(
        value.isObject() ? value : new ObjectMapper().createObjectNode(), library);
  }

  /**
   * Names of numbers from 0 on, in a list or by the number.
   *
   * @return empty if there is not one for each of {@code count} numbers
   */
  public List<String> names(String key, int count) {
    JsonNode values = root.path(key);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count && values.size() == count; i++) {
      JsonNode name = values.isArray() ? values.get(i) : values.path(Integer.toString(i));
      if (name.isTextual()) {
        names.add(name.asText());
      }
    }
    return names.size() == count ? names : List.of();
  }

  /** Three numbers, one of each channel; or one for all of them. */
  List<Double> channels(String key) {
    JsonNode value = root.path(key);
    return value.isNumber()
        ? Collections.nCopies(3, value.asDouble())
        : NormalizationJson.numbers(key, value);
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

package io.simmim.trainer.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.Normalization;
import java.util.ArrayList;
import java.util.List;

/**
 * How images are normalised, as a {@code config.json} of ours says it: under the names of
 * transformers, and not at all where it is ImageNet's, as in the official code.
 */
public final class NormalizationJson {
  private static final String MEAN = "image_mean";
  private static final String DEVIATION = "image_std";

  private NormalizationJson() {}

  /** Adds it. */
  public static void write(ObjectNode json, Normalization normalization) {
    if (!normalization.equals(Normalization.IMAGENET)) {
      json.putPOJO(MEAN, normalization.mean());
      json.putPOJO(DEVIATION, normalization.deviation());
    }
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException if the values are no mean and deviation of three channels
   */
  public static Normalization read(JsonNode json) {
    return json.has(MEAN) || json.has(DEVIATION)
        ? Normalization.named(
            MEAN,
            numbers(MEAN, json.path(MEAN)),
            DEVIATION,
            numbers(DEVIATION, json.path(DEVIATION)))
        : Normalization.IMAGENET;
  }

  /**
   * The numbers of a list.
   *
   * @param key that the list has
   * @throws IllegalArgumentException if it is no short list of numbers
   */
  public static List<Double> numbers(String key, JsonNode list) {
    List<Double> numbers = new ArrayList<>();
    list.forEach(value -> numbers.add(value.isNumber() ? value.asDouble() : Double.NaN));
    if (!list.isArray() || list.size() != 3 || numbers.contains(Double.NaN)) {
      throw new IllegalArgumentException(
          "%s must be three numbers (red, green, blue): %s"
              .formatted(key, list.isMissingNode() ? "missing" : DescriptionJson.shortened(list)));
    }
    return numbers;
  }
}

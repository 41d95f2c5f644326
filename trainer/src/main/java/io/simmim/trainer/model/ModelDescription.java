package io.simmim.trainer.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.model.encoder.NormConfig;
import io.simmim.trainer.model.objective.ModelChoices;
import io.simmim.trainer.model.objective.ObjectiveSettings;
import io.simmim.trainer.model.target.ClusterColors;
import java.util.List;
import java.util.Map;

/**
 * What the {@code config.json} beside exported weights says.
 *
 * @param colors as many as the target asks for, or none
 */
public record ModelDescription(ModelConfig model, ClusterColors colors) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Largest integers that a description may have: far above any model, and soon computed with. */
  private static final Map<String, Integer> LARGEST =
      Map.of(
          "image_size", 1 << 13,
          "embed_dim", 1 << 14,
          "decoder_embed_dim", 1 << 14,
          "depth", 1 << 10,
          "depths", 1 << 10,
          "decoder_depth", 1 << 10);

  /** The description, as it is stored. */
  public ObjectNode json() {
    ObjectiveSettings settings = ObjectiveSettings.of(model.objective().type());
    ObjectNode json = MAPPER.createObjectNode();
    json.put("type", settings.modelType(model.choices()));
    json.put("image_size", model.imageSize());
    json.put("mask_patch_size", model.imageSize() / model.maskSide());
    settings.write(json, model.choices(), colors);
    if (!model.norms().equals(NormConfig.OFFICIAL)) {
      json.put("layer_norm_eps", model.norms().epsilon());
      json.put("use_mean_pooling", model.norms().behindPooling());
    }
    return json;
  }

  /**
   * Reads a description. It must be whole: what would be written of the model that it describes.
   *
   * @param text of the file
   * @throws IllegalArgumentException if it is none, a key is missing, or what it describes is no
   *     model; the message is one line for people
   */
  public static ModelDescription parse(String text) {
    JsonNode json;
    try {
      json = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("it is no JSON: " + e.getOriginalMessage(), e);
    }
    if (!json.isObject()) {
      throw new IllegalArgumentException("it is no JSON object");
    }
    if (json.has("task")) {
      throw new IllegalArgumentException(
          "it is a fine-tuned model, of task %s; models that were pre-trained can be taken"
              .formatted(shortened(json.get("task"))));
    }
    List.of("type", "image_size", "mask_patch_size").forEach(key -> require(json, key));
    LARGEST.forEach((key, largest) -> requireAtMost(json.path(key), key, largest));
    int imageSize = json.path("image_size").asInt();
    int maskPatch = json.path("mask_patch_size").asInt();
    if (maskPatch < 1 || imageSize % maskPatch != 0) {
      throw new IllegalArgumentException(
          "mask_patch_size must divide image_size %d: %d".formatted(imageSize, maskPatch));
    }
    ModelChoices choices = ObjectiveSettings.readAny(json);
    ModelConfig model =
        new ModelConfig(
            imageSize,
            imageSize / maskPatch,
            choices.objective(),
            choices.encoder(),
            choices.head(),
            choices.target(),
            choices.loss(),
            false,
            norms(json));
    ModelDescription description = new ModelDescription(model, colors(json));
    description.requireWrittenAs(json);
    return description;
  }

  private static NormConfig norms(JsonNode json) {
    NormConfig official = NormConfig.OFFICIAL;
    return new NormConfig(
        json.path("layer_norm_eps").asDouble(official.epsilon()),
        json.path("use_mean_pooling").asBoolean(official.behindPooling()));
  }

  private static JsonNode require(JsonNode json, String key) {
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

  private static ClusterColors colors(JsonNode json) {
    JsonNode values = json.path("cluster_colors");
    float[] colors = new float[values.size()];
    for (int i = 0; i < colors.length; i++) {
      colors[i] = (float) values.get(i).asDouble(-1);
    }
    return new ClusterColors(colors);
  }

  private void requireWrittenAs(JsonNode found) {
    JsonNode written;
    try {
      written = MAPPER.readTree(MAPPER.writeValueAsString(json()));
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
    return written.equals(ModelDescription::compareNumbers, found);
  }

  private static int compareNumbers(JsonNode one, JsonNode other) {
    if (one.isNumber() && other.isNumber()) {
      return Double.compare(one.asDouble(), other.asDouble());
    }
    return one.equals(other) ? 0 : 1;
  }

  private static String shortened(JsonNode value) {
    String text = value.toString();
    return text.length() <= 100 ? text : text.substring(0, 100) + "…";
  }
}

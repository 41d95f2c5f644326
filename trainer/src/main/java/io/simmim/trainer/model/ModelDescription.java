package io.simmim.trainer.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.model.objective.ModelChoices;
import io.simmim.trainer.model.objective.ObjectiveSettings;
import io.simmim.trainer.model.target.ClusterColors;
import java.util.List;

/**
 * What the {@code config.json} beside exported weights says.
 *
 * @param colors as many as the target asks for, or none
 */
public record ModelDescription(ModelConfig model, ClusterColors colors) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

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
    NormalizationJson.write(json, model.normalization());
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
    JsonNode json = DescriptionJson.parse(text);
    if (json.has("task")) {
      throw new IllegalArgumentException(
          "it is a model of task %s; models that were pre-trained or fine-tuned can be taken"
              .formatted(DescriptionJson.shortened(json.get("task"))));
    }
    List.of("type", "image_size", "mask_patch_size")
        .forEach(key -> DescriptionJson.require(json, key));
    int imageSize = json.path("image_size").asInt();
    int maskPatch = json.path("mask_patch_size").asInt();
    if (maskPatch < 1 || imageSize % maskPatch != 0) {
      throw new IllegalArgumentException(
          "mask_patch_size must divide image_size %d: %d".formatted(imageSize, maskPatch));
    }
    ModelChoices choices = ObjectiveSettings.readAny(json);
    ModelConfig model =
        new ModelConfig(imageSize, imageSize / maskPatch, choices, false)
            .withNorms(norms(json))
            .withNormalization(NormalizationJson.read(json));
    ModelDescription description = new ModelDescription(model, colors(json));
    DescriptionJson.requireWrittenAs(json, description.json());
    return description;
  }

  private static NormConfig norms(JsonNode json) {
    NormConfig official = NormConfig.OFFICIAL;
    return new NormConfig(
        json.path("layer_norm_eps").asDouble(official.epsilon()),
        json.path("use_mean_pooling").asBoolean(official.behindPooling()));
  }

  private static ClusterColors colors(JsonNode json) {
    JsonNode values = json.path("cluster_colors");
    float[] colors = new float[values.size()];
    for (int i = 0; i < colors.length; i++) {
      colors[i] = (float) values.get(i).asDouble(-1);
    }
    return new ClusterColors(colors);
  }
}

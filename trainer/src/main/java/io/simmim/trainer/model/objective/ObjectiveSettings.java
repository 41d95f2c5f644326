package io.simmim.trainer.model.objective;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.model.target.ClusterColors;

/**
 * What a stored model says of itself, in the {@code config.json} of an export and in a recording:
 * names and meanings are those of the official code's constructors, which differ between
 * objectives. A new one is a class beside the two that are here.
 */
public interface ObjectiveSettings {
  /** The settings of models of an objective. */
  static ObjectiveSettings of(ObjectiveType type) {
    return switch (type) {
      case SIMMIM -> new SimMimSettings();
      case MAE -> new MaeSettings();
    };
  }

  /**
   * The choices that settings describe; what they leave out is as in the official code.
   *
   * @throws IllegalArgumentException if there is no such model
   */
  static ModelChoices readAny(JsonNode json) {
    boolean mae = json.path("type").asText().equals(MaeSettings.MODEL_TYPE);
    return of(mae ? ObjectiveType.MAE : ObjectiveType.SIMMIM).read(json);
  }

  /** What papers call the method. */
  String method();

  /** How a model learned, and from which paper: a sentence of Markdown in two lines. */
  String explanation();

  /**
   * Whether the classes of the official code and of transformers draw masks themselves, patch by
   * patch, from noise that can be given to them; others are given masks.
   */
  boolean drawsMasks();

  /** Share of an image that the paper masks. */
  double maskRatio();

  /** The {@code type} of a model. */
  String modelType(ModelChoices model);

  /**
   * Adds what follows the size of images and masks.
   *
   * @param colors of the clusters, if the target has some
   */
  void write(ObjectNode json, ModelChoices model, ClusterColors colors);

  /**
   * The choices that settings of this objective describe.
   *
   * @throws IllegalArgumentException if there is no such model
   */
  ModelChoices read(JsonNode json);
}

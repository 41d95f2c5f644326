package io.simmim.trainer.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.objective.ModelChoices;
import io.simmim.trainer.model.objective.ObjectiveSettings;
import io.simmim.trainer.optimizer.OptimizerConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * The description of a recorded run.
 *
 * @param imageSize side of the images in pixels
 * @param model what was trained
 * @param batch images per step
 * @param maskRatio of recordings that draw masks from noise, else 0
 * @param losses loss of each step
 * @param gradientNorms before clipping, of each step
 * @param learningRates used by each step
 * @param schedule what the learning rates were computed from, or missing
 * @param decaying names of the parameters with weight decay; empty if not recorded
 */
record RecordedModel(
    int imageSize,
    ModelChoices model,
    OptimizerConfig optimizer,
    int batch,
    double maskRatio,
    double[] losses,
    double[] gradientNorms,
    double[] learningRates,
    JsonNode schedule,
    double baseLearningRate,
    List<String> decaying) {
  static RecordedModel parse(JsonNode json) throws UnsupportedCaseException {
    JsonNode config = json.path("config");
    JsonNode optimizer = json.path("optimizer");
    ModelChoices model = ObjectiveSettings.readAny(config);
    requireSupported(config, optimizer, model.encoder());
    require(!config.path("use_mean_pooling").asBoolean(false), "mean pooling is not there");
    List<String> decaying = new ArrayList<>();
    json.path("weight_decay_params").forEach(name -> decaying.add(name.asText()));
    return new RecordedModel(
        config.path("image_size").asInt(json.path("image_size").asInt()),
        model,
        optimizer(optimizer),
        json.path("batch").asInt(),
        json.path("mask_ratio").asDouble(config.path("mask_ratio").asDouble(0)),
        numbers(json.path("losses")),
        numbers(json.path("grad_norms")),
        numbers(json.path("lrs")),
        json.path("schedule"),
        optimizer.path("lr").asDouble(),
        decaying);
  }

  /** What recordings of all tasks may say and is not there. */
  static void requireSupported(JsonNode config, JsonNode optimizer, EncoderConfig encoder)
      throws UnsupportedCaseException {
    String optimizerName = optimizer.path("name").asText("adamw");
    require(optimizerName.equals("adamw"), "optimizer " + optimizerName + " is not there");
    double norm = encoder.type() == EncoderType.VIT ? 1e-6 : 1e-5;
    double epsilon = config.path("layer_norm_eps").asDouble(norm);
    require(epsilon == norm, "layer_norm_eps is not %s: %s".formatted(norm, epsilon));
    require(config.path("patch_norm").asBoolean(true), "patch_norm is always on here");
    require(
        encoder.dropPathRate() == 0,
        "the reference's random draws cannot be replayed: drop_path_rate");
  }

  static OptimizerConfig optimizer(JsonNode optimizer) {
    JsonNode betas = optimizer.path("betas");
    return new OptimizerConfig(
        optimizer.path("weight_decay").asDouble(0),
        betas.path(0).asDouble(0.9),
        betas.path(1).asDouble(0.999),
        optimizer.path("eps").asDouble(1e-8),
        optimizer.path("clip_grad_norm").asDouble(0));
  }

  int steps() {
    return losses.length;
  }

  static double[] numbers(JsonNode array) {
    double[] values = new double[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asDouble();
    }
    return values;
  }

  private static void require(boolean condition, String reason) throws UnsupportedCaseException {
    if (!condition) {
      throw new UnsupportedCaseException(reason);
    }
  }
}

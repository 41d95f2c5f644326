package io.simmim.trainer.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.trainer.model.EncoderConfig;
import io.simmim.trainer.model.EncoderType;
import io.simmim.trainer.model.RelativePositionBias;
import io.simmim.trainer.optimizer.OptimizerConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * The description of a recorded run.
 *
 * @param imageSize side of the images in pixels
 * @param batch images per step
 * @param losses loss of each step
 * @param gradientNorms before clipping, of each step
 * @param learningRates used by each step
 * @param schedule what the learning rates were computed from, or missing
 * @param decaying names of the parameters with weight decay; empty if not recorded
 */
record RecordedModel(
    int imageSize,
    EncoderConfig encoder,
    OptimizerConfig optimizer,
    int batch,
    double[] losses,
    double[] gradientNorms,
    double[] learningRates,
    JsonNode schedule,
    double baseLearningRate,
    List<String> decaying) {
  private static final double LAYER_NORM_EPSILON = 1e-6;

  static RecordedModel parse(JsonNode json) throws UnsupportedCaseException {
    JsonNode config = json.path("config");
    JsonNode optimizer = json.path("optimizer");
    String type = config.path("type").asText();
    require(type.equals("vit"), "encoder type " + type + " is not there yet");
    String optimizerName = optimizer.path("name").asText("adamw");
    require(optimizerName.equals("adamw"), "optimizer " + optimizerName + " is not there");
    double epsilon = config.path("layer_norm_eps").asDouble(LAYER_NORM_EPSILON);
    require(epsilon == LAYER_NORM_EPSILON, "layer_norm_eps is not 1e-6: " + epsilon);
    double dropPath = config.path("drop_path_rate").asDouble(0);
    require(dropPath == 0, "the reference's random draws cannot be replayed: drop_path_rate");
    require(!config.path("use_mean_pooling").asBoolean(false), "mean pooling is not there");
    require(!config.path("norm_target").asBoolean(false), "normalised targets are not there yet");
    List<String> decaying = new ArrayList<>();
    json.path("weight_decay_params").forEach(name -> decaying.add(name.asText()));
    return new RecordedModel(
        config.path("image_size").asInt(json.path("image_size").asInt()),
        encoder(config),
        optimizer(optimizer),
        json.path("batch").asInt(),
        numbers(json.path("losses")),
        numbers(json.path("grad_norms")),
        numbers(json.path("lrs")),
        json.path("schedule"),
        optimizer.path("lr").asDouble(),
        decaying);
  }

  private static EncoderConfig encoder(JsonNode config) {
    RelativePositionBias bias = RelativePositionBias.NONE;
    if (config.path("use_shared_rel_pos_bias").asBoolean(false)) {
      bias = RelativePositionBias.SHARED;
    } else if (config.path("use_rel_pos_bias").asBoolean(false)) {
      bias = RelativePositionBias.PER_BLOCK;
    }
    return new EncoderConfig(
        EncoderType.VIT,
        config.path("patch_size").asInt(),
        config.path("embed_dim").asInt(),
        config.path("depth").asInt(),
        config.path("num_heads").asInt(),
        config.path("mlp_ratio").asDouble(4),
        config.path("qkv_bias").asBoolean(true),
        config.path("use_abs_pos_emb").asBoolean(false),
        bias,
        config.path("layer_scale_init").asDouble(0),
        0);
  }

  private static OptimizerConfig optimizer(JsonNode optimizer) {
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

  private static double[] numbers(JsonNode array) {
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

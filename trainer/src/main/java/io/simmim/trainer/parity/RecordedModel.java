package io.simmim.trainer.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.objective.ObjectiveConfig;
import io.simmim.trainer.model.objective.ObjectiveType;
import io.simmim.trainer.model.target.LossArea;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.LossType;
import io.simmim.trainer.model.target.TargetConfig;
import io.simmim.trainer.optimizer.OptimizerConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * The description of a recorded run.
 *
 * @param imageSize side of the images in pixels
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
    ObjectiveConfig objective,
    EncoderConfig encoder,
    TargetConfig target,
    LossConfig loss,
    OptimizerConfig optimizer,
    int batch,
    double maskRatio,
    double[] losses,
    double[] gradientNorms,
    double[] learningRates,
    JsonNode schedule,
    double baseLearningRate,
    List<String> decaying) {
  private static final int NORM_TARGET_PATCH = 47;

  static RecordedModel parse(JsonNode json) throws UnsupportedCaseException {
    JsonNode config = json.path("config");
    JsonNode optimizer = json.path("optimizer");
    boolean mae = config.path("type").asText().equals("mae");
    EncoderType type = mae ? EncoderType.VIT : type(config.path("type").asText());
    String optimizerName = optimizer.path("name").asText("adamw");
    require(optimizerName.equals("adamw"), "optimizer " + optimizerName + " is not there");
    double norm = type == EncoderType.VIT ? 1e-6 : 1e-5;
    double epsilon = config.path("layer_norm_eps").asDouble(norm);
    require(epsilon == norm, "layer_norm_eps is not %s: %s".formatted(norm, epsilon));
    require(config.path("patch_norm").asBoolean(true), "patch_norm is always on here");
    double dropPath = config.path("drop_path_rate").asDouble(0);
    require(dropPath == 0, "the reference's random draws cannot be replayed: drop_path_rate");
    require(!config.path("use_mean_pooling").asBoolean(false), "mean pooling is not there");
    List<String> decaying = new ArrayList<>();
    json.path("weight_decay_params").forEach(name -> decaying.add(name.asText()));
    return new RecordedModel(
        config.path("image_size").asInt(json.path("image_size").asInt()),
        mae ? mae(config) : ObjectiveConfig.SIMMIM,
        mae ? maeEncoder(config) : encoder(type, config),
        mae ? maeTarget(config) : target(config),
        mae ? new LossConfig(LossType.L2, LossArea.MASKED) : LossConfig.SIMMIM,
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

  private static EncoderType type(String name) throws UnsupportedCaseException {
    for (EncoderType type : EncoderType.values()) {
      if (KebabCase.of(type).equals(name)) {
        return type;
      }
    }
    throw new UnsupportedCaseException("encoder type " + name + " is not supported");
  }

  private static EncoderConfig encoder(EncoderType type, JsonNode config) {
    RelativePositionBias bias = RelativePositionBias.NONE;
    if (config.path("use_shared_rel_pos_bias").asBoolean(false)) {
      bias = RelativePositionBias.SHARED;
    } else if (config.path("use_rel_pos_bias").asBoolean(false)) {
      bias = RelativePositionBias.PER_BLOCK;
    }
    return new EncoderConfig(
        type,
        config.path("patch_size").asInt(),
        config.path("embed_dim").asInt(),
        integers(config.path(type.isHierarchical() ? "depths" : "depth")),
        integers(config.path("num_heads")),
        config.path("window_size").asInt(0),
        0,
        config.path("mlp_ratio").asDouble(4),
        config.path("qkv_bias").asBoolean(true),
        config.path("use_abs_pos_emb").asBoolean(false),
        bias,
        config.path("layer_scale_init").asDouble(0),
        0);
  }

  private static ObjectiveConfig mae(JsonNode config) {
    return new ObjectiveConfig(
        ObjectiveType.MAE,
        config.path("decoder_embed_dim").asInt(),
        config.path("decoder_depth").asInt(),
        config.path("decoder_num_heads").asInt());
  }

  /** A plain ViT: its positions are there, but fixed. */
  private static EncoderConfig maeEncoder(JsonNode config) {
    return new EncoderConfig(
        EncoderType.VIT,
        config.path("patch_size").asInt(),
        config.path("embed_dim").asInt(),
        integers(config.path("depth")),
        integers(config.path("num_heads")),
        0,
        0,
        config.path("mlp_ratio").asDouble(4),
        true,
        true,
        RelativePositionBias.NONE,
        0,
        0);
  }

  private static TargetConfig maeTarget(JsonNode config) {
    return config.path("norm_pix_loss").asBoolean(false)
        ? TargetConfig.PIXELS_NORMALISED_PER_CELL
        : TargetConfig.PIXELS;
  }

  private static List<Integer> integers(JsonNode node) {
    if (!node.isArray()) {
      return List.of(node.asInt());
    }
    List<Integer> values = new ArrayList<>();
    node.forEach(value -> values.add(value.asInt()));
    return values;
  }

  private static TargetConfig target(JsonNode config) {
    int byDefault = config.path("norm_target").asBoolean(false) ? NORM_TARGET_PATCH : 0;
    return TargetConfig.pixels(1, config.path("norm_target_patch_size").asInt(byDefault));
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

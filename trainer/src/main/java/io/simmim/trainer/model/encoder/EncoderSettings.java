package io.simmim.trainer.model.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.text.KebabCase;
import java.util.ArrayList;
import java.util.List;

/**
 * The encoder's part of what a stored model says of itself. Names and meanings are those of the
 * official code's constructors.
 */
public final class EncoderSettings {
  private static final String PRETRAINED_WINDOWS = "pretrained_window_sizes";

  private EncoderSettings() {}

  /** Adds what all encoders of a type have: patches, width, depth, heads, windows, MLP. */
  public static void writeShape(ObjectNode json, EncoderConfig encoder) {
    json.put("patch_size", encoder.patchSize());
    json.put("in_chans", 3);
    json.put("embed_dim", encoder.embedDim());
    if (encoder.type().isHierarchical()) {
      json.putPOJO("depths", encoder.depth());
    } else {
      json.put("depth", encoder.depth().get(0));
      json.put("num_heads", encoder.numHeads().get(0));
    }
    if (encoder.type().hasWindows()) {
      json.putPOJO("num_heads", encoder.numHeads());
      json.put("window_size", encoder.windowSize());
      json.put("patch_norm", true);
      json.put("extra_norm_every_n_blocks", encoder.mainNormInterval());
      if (!encoder.pretrainedWindowSizes().isEmpty()) {
        json.putPOJO(PRETRAINED_WINDOWS, encoder.pretrainedWindowSizes());
      }
    }
    if (encoder.type() != EncoderType.RESNET) {
      json.put("mlp_ratio", encoder.mlpRatio());
      json.put("qkv_bias", encoder.qkvBias());
    }
  }

  /** Adds what SimMIM's encoders choose: positions, layer scale, stochastic depth. */
  public static void writeVariant(ObjectNode json, EncoderConfig encoder) {
    RelativePositionBias bias = encoder.relativePositionBias();
    if (encoder.type() != EncoderType.RESNET) {
      json.put("use_abs_pos_emb", encoder.absolutePosition());
    }
    if (encoder.type() == EncoderType.VIT) {
      json.put("use_shared_rel_pos_bias", bias == RelativePositionBias.SHARED);
      json.put("use_rel_pos_bias", bias == RelativePositionBias.PER_BLOCK);
      json.put("layer_scale_init", encoder.layerScaleInit());
    }
    json.put("drop_path_rate", encoder.dropPathRate());
  }

  /**
   * The encoder that such settings describe; what they leave out is as in the official code.
   *
   * @throws IllegalArgumentException if there is no such encoder
   */
  public static EncoderConfig read(JsonNode json) {
    String name = json.path("type").asText();
    EncoderType type =
        KebabCase.find(EncoderType.class, name)
            .orElseThrow(
                () -> new IllegalArgumentException("encoder type " + name + " is not supported"));
    return read(type, json, json.path("use_abs_pos_emb").asBoolean(false));
  }

  /** The ViT of settings that name another type, and leave out that it has positions. */
  public static EncoderConfig readPlainVit(JsonNode json) {
    return read(EncoderType.VIT, json, true);
  }

  private static EncoderConfig read(EncoderType type, JsonNode json, boolean absolutePosition) {
    return new EncoderConfig(
        type,
        json.path("patch_size").asInt(),
        json.path("embed_dim").asInt(),
        integers(json.path(type.isHierarchical() ? "depths" : "depth")),
        integers(json.path("num_heads")),
        json.path("window_size").asInt(0),
        json.path("extra_norm_every_n_blocks").asInt(0),
        integers(json.path(PRETRAINED_WINDOWS)),
        json.path("mlp_ratio").asDouble(4),
        json.path("qkv_bias").asBoolean(true),
        absolutePosition,
        relativePositionBias(json),
        json.path("layer_scale_init").asDouble(json.path("init_values").asDouble(0)),
        json.path("drop_path_rate").asDouble(0));
  }

  private static RelativePositionBias relativePositionBias(JsonNode json) {
    if (json.path("use_shared_rel_pos_bias").asBoolean(false)) {
      return RelativePositionBias.SHARED;
    }
    return json.path("use_rel_pos_bias").asBoolean(false)
        ? RelativePositionBias.PER_BLOCK
        : RelativePositionBias.NONE;
  }

  private static List<Integer> integers(JsonNode node) {
    if (node.isMissingNode()) {
      return List.of();
    }
    if (!node.isArray()) {
      return List.of(node.asInt());
    }
    List<Integer> values = new ArrayList<>();
    node.forEach(value -> values.add(value.asInt()));
    return values;
  }
}

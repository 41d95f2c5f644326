package io.simmim.trainer.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.head.HeadType;
import io.simmim.trainer.model.objective.ObjectiveConfig;
import io.simmim.trainer.model.objective.ObjectiveType;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.LossArea;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.LossType;
import io.simmim.trainer.model.target.TargetConfig;
import io.simmim.trainer.model.target.TargetType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the {@link ModelPaths#CONFIG} beside exported weights says: the reverse of {@link
 * ModelWriter}.
 *
 * @param colors as many as the target asks for, or none
 */
public record ModelDescription(ModelConfig model, ClusterColors colors) {
  /**
   * Reads a description.
   *
   * @param text of the file
   * @throws IllegalArgumentException if it is none, a key is missing, or what it describes is no
   *     model; the message is one line for people
   */
  public static ModelDescription parse(String text) {
    JsonNode json;
    try {
      json = new ObjectMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("it is no JSON: " + e.getOriginalMessage(), e);
    }
    if (!json.isObject()) {
      throw new IllegalArgumentException("it is no JSON object");
    }
    return new Reader(json).description();
  }

  private record Reader(JsonNode json) {
    ModelDescription description() {
      boolean mae = text("type").equals("mae");
      ClusterColors colors = colors();
      int imageSize = integer("image_size");
      int maskPatch = integer("mask_patch_size");
      if (maskPatch < 1 || imageSize % maskPatch != 0) {
        throw new IllegalArgumentException(
            "mask_patch_size must divide image_size %d: %d".formatted(imageSize, maskPatch));
      }
      ModelConfig model =
          new ModelConfig(
              imageSize,
              imageSize / maskPatch,
              mae ? mae() : ObjectiveConfig.SIMMIM,
              encoder(mae ? EncoderType.VIT : constant(EncoderType.class, "type"), mae),
              mae ? HeadConfig.LINEAR : head(),
              mae ? maeTarget() : target(colors),
              mae ? new LossConfig(LossType.L2, LossArea.MASKED) : loss(),
              false);
      return new ModelDescription(model, colors);
    }

    private EncoderConfig encoder(EncoderType type, boolean mae) {
      boolean resNet = type == EncoderType.RESNET;
      return new EncoderConfig(
          type,
          integer("patch_size"),
          integer("embed_dim"),
          type.isHierarchical() ? integers("depths") : List.of(integer("depth")),
          resNet
              ? List.of()
              : type.hasWindows() ? integers("num_heads") : List.of(integer("num_heads")),
          type.hasWindows() ? integer("window_size") : 0,
          type.hasWindows() ? integer("extra_norm_every_n_blocks") : 0,
          resNet ? 4 : number("mlp_ratio"),
          resNet || bool("qkv_bias"),
          !resNet && (mae || bool("use_abs_pos_emb")),
          type == EncoderType.VIT && !mae ? positionBias() : RelativePositionBias.NONE,
          type == EncoderType.VIT && !mae ? number("layer_scale_init") : 0,
          mae ? 0 : number("drop_path_rate"));
    }

    private RelativePositionBias positionBias() {
      if (bool("use_shared_rel_pos_bias")) {
        return RelativePositionBias.SHARED;
      }
      return bool("use_rel_pos_bias") ? RelativePositionBias.PER_BLOCK : RelativePositionBias.NONE;
    }

    private ObjectiveConfig mae() {
      return new ObjectiveConfig(
          ObjectiveType.MAE,
          integer("decoder_embed_dim"),
          integer("decoder_depth"),
          integer("decoder_num_heads"));
    }

    private TargetConfig maeTarget() {
      return bool("norm_pix_loss") ? TargetConfig.PIXELS_NORMALISED_PER_CELL : TargetConfig.PIXELS;
    }

    private HeadConfig head() {
      HeadType type = constant(HeadType.class, "head_type");
      return new HeadConfig(
          type,
          type.isInverseSwin() ? integer("head_window_size") : HeadConfig.LINEAR.windowSize());
    }

    private TargetConfig target(ClusterColors colors) {
      TargetType type = constant(TargetType.class, "target_type");
      return new TargetConfig(
          type,
          integer("target_downsampling"),
          integer("norm_target_patch_size"),
          type == TargetType.PIXELS && bool("norm_target_per_cell"),
          type == TargetType.BINS ? integer("bins") : TargetConfig.PIXELS.bins(),
          type == TargetType.CLUSTERS ? colors.count() : TargetConfig.PIXELS.clusters(),
          null);
    }

    private LossConfig loss() {
      return new LossConfig(
          constant(LossType.class, "loss_type"), constant(LossArea.class, "loss_area"));
    }

    private ClusterColors colors() {
      JsonNode values = json.path("cluster_colors");
      float[] colors = new float[values.size()];
      for (int i = 0; i < colors.length; i++) {
        colors[i] = (float) values.get(i).asDouble(-1);
      }
      return new ClusterColors(colors);
    }

    private JsonNode value(String key) {
      JsonNode value = json.path(key);
      if (value.isMissingNode()) {
        throw new IllegalArgumentException("the key is missing: " + key);
      }
      return value;
    }

    private IllegalArgumentException wrong(String key, String allowed) {
      return new IllegalArgumentException(
          "%s must be %s: %s".formatted(key, allowed, shortened(json.path(key).toString())));
    }

    private static String shortened(String text) {
      return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }

    private String text(String key) {
      if (!value(key).isTextual()) {
        throw wrong(key, "a text");
      }
      return value(key).asText();
    }

    private int integer(String key) {
      if (!value(key).isIntegralNumber() || !value(key).canConvertToInt()) {
        throw wrong(key, "an integer");
      }
      return value(key).asInt();
    }

    private double number(String key) {
      if (!value(key).isNumber()) {
        throw wrong(key, "a number");
      }
      return value(key).asDouble();
    }

    private boolean bool(String key) {
      if (!value(key).isBoolean()) {
        throw wrong(key, "true or false");
      }
      return value(key).asBoolean();
    }

    private List<Integer> integers(String key) {
      List<Integer> values = new ArrayList<>();
      for (JsonNode element : value(key)) {
        if (!element.isIntegralNumber() || !element.canConvertToInt()) {
          throw wrong(key, "integers");
        }
        values.add(element.asInt());
      }
      return values;
    }

    private <E extends Enum<E>> E constant(Class<E> type, String key) {
      String name = text(key);
      Optional<E> found =
          Arrays.stream(type.getEnumConstants())
              .filter(constant -> KebabCase.of(constant).equals(name))
              .findFirst();
      return found.orElseThrow(
          () ->
              wrong(
                  key,
                  Arrays.stream(type.getEnumConstants())
                      .map(KebabCase::of)
                      .collect(Collectors.joining(", "))));
    }
  }
}

package io.simmim.trainer.interop.huggingface;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.interop.layout.ClassifierHead;
import io.simmim.trainer.interop.layout.EncoderShapes;
import io.simmim.trainer.interop.layout.ForeignConfig;
import io.simmim.trainer.interop.layout.ForeignKind;
import io.simmim.trainer.interop.layout.ForeignShapes;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.interop.names.NameTable;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.NormConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Vision transformers of transformers. */
public enum HuggingFaceVit implements ForeignKind {
  /** Plain, with absolute positions and a head for pixels. */
  VIT("huggingface-vit", "ViT", "vit", 1e-12),
  /** With position bias, layer scale, both, or neither; without a head for pixels. */
  BEIT("huggingface-beit", "Beit", "beit", 1e-12),
  /** With layer scale, as DINOv2 was trained. */
  DINOV2("huggingface-dinov2", "Dinov2", "dinov2", 1e-6);

  /** End of the class that predicts tokens of images, which has no pooling. */
  private static final String FOR_TOKENS = "ForMaskedImageModeling";

  private final String id;

  /** What the names of its classes begin with. */
  private final String family;

  private final String modelType;
  private final double epsilonByDefault;

  HuggingFaceVit(String id, String family, String modelType, double epsilonByDefault) {
    this.id = id;
    this.family = family;
    this.modelType = modelType;
    this.epsilonByDefault = epsilonByDefault;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Library library() {
    return Library.HUGGINGFACE;
  }

  @Override
  public String architecture(PortableModel model) {
    return family + HuggingFaceJson.task(hasHead() ? model : model.with(model.maskToken(), false));
  }

  @Override
  public boolean describes(ForeignConfig config, Set<String> names) {
    return config.modelType().equals(modelType);
  }

  @Override
  public Optional<String> obstacle(PortableModel model) {
    if (this == VIT) {
      return ForeignHeads.obstacle(architecture(model), model);
    }
    return model.encoder().qkvBias()
        ? Optional.empty()
        : Optional.of(
            architecture(model)
                + "'s queries and values have biases, this model encoder.qkv-bias false");
  }

  @Override
  public boolean hasHead() {
    return this == VIT;
  }

  @Override
  public void describe(ObjectNode json, PortableModel model) {
    EncoderConfig encoder = model.encoder();
    HuggingFaceJson.begin(json, architecture(model), modelType);
    HuggingFaceJson.vit(json, model.model().imageSize(), encoder, model.model().norms().epsilon());
    switch (this) {
      case VIT -> {
        json.put("qkv_bias", encoder.qkvBias());
        json.put("encoder_stride", encoder.stride());
        json.put("pooler_output_size", encoder.embedDim());
        json.put("pooler_act", "tanh");
      }
      case BEIT -> {
        RelativePositionBias bias = encoder.relativePositionBias();
        json.put("use_mask_token", model.maskToken());
        json.put("use_absolute_position_embeddings", encoder.absolutePosition());
        json.put("use_relative_position_bias", bias == RelativePositionBias.PER_BLOCK);
        json.put("use_shared_relative_position_bias", bias == RelativePositionBias.SHARED);
        json.put("layer_scale_init_value", encoder.layerScaleInit());
        json.put("drop_path_rate", encoder.dropPathRate());
        json.put("use_mean_pooling", model.model().norms().behindPooling());
      }
      case DINOV2 -> {
        json.remove("intermediate_size");
        putRatio(json, encoder.mlpRatio());
        json.put("qkv_bias", encoder.qkvBias());
        json.put("layerscale_value", encoder.layerScaleInit());
        json.put("drop_path_rate", encoder.dropPathRate());
        json.put("use_mask_token", model.maskToken());
        json.put("use_swiglu_ffn", false);
      }
    }
    HuggingFaceJson.end(json, model.head());
  }

  /** A whole number where it is one: newer versions of the library take no other here. */
  private static void putRatio(ObjectNode json, double ratio) {
    if (ratio == Math.rint(ratio)) {
      json.put("mlp_ratio", (int) ratio);
    } else {
      json.put("mlp_ratio", ratio);
    }
  }

  /** That of DINOv2 looks at something that none here does. */
  @Override
  public Optional<ClassifierHead> head(ForeignConfig config, ForeignShapes shapes) {
    return this == DINOV2 ? Optional.empty() : HuggingFaceJson.head(config, shapes);
  }

  @Override
  public ModelConfig read(ForeignConfig config, ForeignShapes shapes) {
    HuggingFaceJson.requireSupported(config);
    config.require("use_swiglu_ffn", "false");
    int imageSize = config.side("image_size");
    int patch = config.side("patch_size");
    EncoderConfig encoder =
        new EncoderConfig(
            EncoderType.VIT,
            patch,
            config.integer("hidden_size"),
            List.of(config.integer("num_hidden_layers")),
            List.of(config.integer("num_attention_heads")),
            0,
            0,
            mlpRatio(config),
            config.truth("qkv_bias", true),
            this != BEIT || config.truth("use_absolute_position_embeddings", false),
            bias(config),
            layerScale(config),
            this == VIT ? 0 : config.number("drop_path_rate", 0));
    boolean pooled =
        this == BEIT
            && config.truth("use_mean_pooling", true)
            && !config.architecture().endsWith(FOR_TOKENS);
    return ModelConfig.simmim(imageSize, Math.max(1, imageSize / patch), encoder)
        .withNorms(new NormConfig(config.number("layer_norm_eps", epsilonByDefault), pooled));
  }

  private double mlpRatio(ForeignConfig config) {
    return this == DINOV2
        ? config.number("mlp_ratio", 4)
        : EncoderShapes.mlpRatio(
            config.integer("hidden_size"), config.integer("intermediate_size"));
  }

  private double layerScale(ForeignConfig config) {
    return switch (this) {
      case VIT -> 0;
      case BEIT -> config.number("layer_scale_init_value", 0.1);
      case DINOV2 -> config.number("layerscale_value", 1);
    };
  }

  private RelativePositionBias bias(ForeignConfig config) {
    boolean shared = this == BEIT && config.truth("use_shared_relative_position_bias", false);
    boolean perBlock = this == BEIT && config.truth("use_relative_position_bias", false);
    if (shared && perBlock) {
      throw new IllegalArgumentException(
          "use_relative_position_bias and use_shared_relative_position_bias exclude each other"
              + " here: true, true");
    }
    if (shared) {
      return RelativePositionBias.SHARED;
    }
    return perBlock ? RelativePositionBias.PER_BLOCK : RelativePositionBias.NONE;
  }

  @Override
  public NameTable names(PortableModel model, Set<String> found) {
    String field = modelType + ".";
    boolean inField = model.isClassifier() || (hasHead() && model.pixelHead());
    String prefix = ForeignKind.prefix(field, found, inField ? field : "");
    String norm = model.model().norms().behindPooling() ? "pooler.layernorm." : "layernorm.";
    return NameTable.read(
        id + ".names",
        Map.of("prefix", prefix, "norm", isOfHead(norm, prefix, found) ? norm : prefix + norm));
  }

  /** BEiT that predicts tokens has its norm in front of that head if it pools by the mean. */
  private static boolean isOfHead(String norm, String prefix, Set<String> found) {
    return found.contains(norm + "weight") && !found.contains(prefix + norm + "weight");
  }
}

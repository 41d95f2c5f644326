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
  VIT("huggingface-vit", "ViTForMaskedImageModeling", "ViTForImageClassification", "vit", 1e-12),
  /** With position bias, layer scale, both, or neither; without a head for pixels. */
  BEIT("huggingface-beit", "BeitModel", "BeitForImageClassification", "beit", 1e-12),
  /** With layer scale, as DINOv2 was trained. */
  DINOV2("huggingface-dinov2", "Dinov2Model", "", "dinov2", 1e-6);

  private final String id;
  private final String architecture;

  /** Class with a classifier; empty if that looks at something that none here does. */
  private final String classifier;

  private final String modelType;
  private final double epsilonByDefault;

  HuggingFaceVit(
      String id,
      String architecture,
      String classifier,
      String modelType,
      double epsilonByDefault) {
    this.id = id;
    this.architecture = architecture;
    this.classifier = classifier;
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
    return model.isClassifier() ? classifier : architecture;
  }

  @Override
  public boolean describes(ForeignConfig config, Set<String> names) {
    return config.modelType().equals(modelType);
  }

  @Override
  public Optional<String> obstacle(PortableModel model) {
    if (this == VIT) {
      return ForeignHeads.obstacle(architecture, model);
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
        json.put("mlp_ratio", encoder.mlpRatio());
        json.put("qkv_bias", encoder.qkvBias());
        json.put("layerscale_value", encoder.layerScaleInit());
        json.put("drop_path_rate", encoder.dropPathRate());
        json.put("use_mask_token", true);
        json.put("use_swiglu_ffn", false);
      }
    }
    HuggingFaceJson.end(json, model.head());
  }

  @Override
  public Optional<ClassifierHead> head(ForeignConfig config, ForeignShapes shapes) {
    return classifier.isEmpty() ? Optional.empty() : HuggingFaceJson.head(config, shapes);
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
    boolean pooled = this == BEIT && config.truth("use_mean_pooling", true);
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
    return NameTable.read(
        id + ".names",
        Map.of(
            "prefix",
            ForeignKind.prefix(field, found, this == VIT || model.isClassifier() ? field : ""),
            "norm",
            model.model().norms().behindPooling() ? "pooler.layernorm" : "layernorm"));
  }
}

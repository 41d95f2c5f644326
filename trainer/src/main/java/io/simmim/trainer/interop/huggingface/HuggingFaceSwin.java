package io.simmim.trainer.interop.huggingface;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.interop.layout.ClassifierHead;
import io.simmim.trainer.interop.layout.ForeignConfig;
import io.simmim.trainer.interop.layout.ForeignKind;
import io.simmim.trainer.interop.layout.ForeignShapes;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.interop.names.NameTable;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Swin Transformers of transformers, both versions.
 *
 * @param type which one
 */
public record HuggingFaceSwin(EncoderType type) implements ForeignKind {
  private static final double EPSILON = 1e-5;

  @Override
  public String id() {
    return "huggingface-" + modelType();
  }

  private String modelType() {
    return type == EncoderType.SWIN ? "swin" : "swinv2";
  }

  @Override
  public Library library() {
    return Library.HUGGINGFACE;
  }

  @Override
  public String architecture(PortableModel model) {
    String name = type == EncoderType.SWIN ? "Swin" : "Swinv2";
    return name + HuggingFaceJson.task(model);
  }

  @Override
  public boolean describes(ForeignConfig config, Set<String> names) {
    return config.modelType().equals(modelType());
  }

  @Override
  public Optional<String> obstacle(PortableModel model) {
    if (model.encoder().mainNormInterval() > 0) {
      return Optional.of(
          "%s has no norms on the main branch, this model encoder.main-norm-interval %d"
              .formatted(architecture(model), model.encoder().mainNormInterval()));
    }
    return ForeignHeads.obstacle(architecture(model), model);
  }

  @Override
  public boolean hasHead() {
    return true;
  }

  @Override
  public void describe(ObjectNode json, PortableModel model) {
    EncoderConfig encoder = model.encoder();
    HuggingFaceJson.begin(json, architecture(model), modelType());
    json.put("image_size", model.model().imageSize());
    json.put("patch_size", encoder.patchSize());
    json.put("embed_dim", encoder.embedDim());
    json.put("hidden_size", encoder.embedDim() << (encoder.depth().size() - 1));
    json.putPOJO("depths", encoder.depth());
    json.put("num_layers", encoder.depth().size());
    json.putPOJO("num_heads", encoder.numHeads());
    json.put("window_size", encoder.windowSize());
    json.put("mlp_ratio", encoder.mlpRatio());
    json.put("qkv_bias", encoder.qkvBias());
    json.put("use_absolute_embeddings", encoder.absolutePosition());
    json.put("drop_path_rate", encoder.dropPathRate());
    json.put("encoder_stride", encoder.stride());
    json.put("layer_norm_eps", EPSILON);
    if (type == EncoderType.SWINV2) {
      json.putPOJO("pretrained_window_sizes", encoder.spelledPretrainedWindowSizes());
    }
    HuggingFaceJson.end(json, model.head());
  }

  @Override
  public Optional<ClassifierHead> head(ForeignConfig config, ForeignShapes shapes) {
    return HuggingFaceJson.head(config, shapes);
  }

  @Override
  public ModelConfig read(ForeignConfig config, ForeignShapes shapes) {
    HuggingFaceJson.requireSupported(config);
    if (config.number("layer_norm_eps", EPSILON) != EPSILON) {
      throw new IllegalArgumentException(
          "layer_norm_eps must be %s: %s"
              .formatted(EPSILON, config.number("layer_norm_eps", EPSILON)));
    }
    int imageSize = config.side("image_size");
    EncoderConfig encoder =
        new EncoderConfig(
            type,
            config.side("patch_size"),
            config.integer("embed_dim"),
            config.integers("depths"),
            config.integers("num_heads"),
            config.integer("window_size"),
            0,
            type == EncoderType.SWINV2 ? config.sizes("pretrained_window_sizes") : List.of(),
            config.number("mlp_ratio", 4),
            config.truth("qkv_bias", true),
            config.truth("use_absolute_embeddings", false),
            RelativePositionBias.NONE,
            0,
            config.number("drop_path_rate", 0));
    int patches = Math.max(1, imageSize / encoder.patchSize());
    return ModelConfig.simmim(imageSize, patches, encoder);
  }

  @Override
  public NameTable names(PortableModel model, Set<String> found) {
    String field = modelType() + ".";
    boolean alone = !model.isClassifier() && !model.pixelHead();
    return ForeignKind.prefixed(id(), field, found, alone ? "" : field);
  }
}

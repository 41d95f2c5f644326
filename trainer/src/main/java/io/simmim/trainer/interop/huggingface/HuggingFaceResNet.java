package io.simmim.trainer.interop.huggingface;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.interop.layout.EncoderShapes;
import io.simmim.trainer.interop.layout.ForeignConfig;
import io.simmim.trainer.interop.layout.ForeignKind;
import io.simmim.trainer.interop.layout.ForeignShapes;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.interop.names.NameTable;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Residual networks with bottleneck blocks of transformers, which have no mask token and head. */
public final class HuggingFaceResNet implements ForeignKind {
  private static final int EXPANSION = 4;

  @Override
  public String id() {
    return "huggingface-resnet";
  }

  @Override
  public Library library() {
    return Library.HUGGINGFACE;
  }

  @Override
  public String architecture(PortableModel model) {
    return "ResNetModel";
  }

  @Override
  public boolean describes(ForeignConfig config, Set<String> names) {
    return config.modelType().equals("resnet");
  }

  @Override
  public Optional<String> obstacle(PortableModel model) {
    return Optional.empty();
  }

  @Override
  public boolean hasHead() {
    return false;
  }

  @Override
  public void describe(ObjectNode json, PortableModel model) {
    EncoderConfig encoder = model.encoder();
    json.putArray("architectures").add(architecture(model));
    json.put("model_type", "resnet");
    json.put("dtype", "float32");
    json.put("num_channels", 3);
    json.put("embedding_size", encoder.embedDim());
    List<Integer> widths = new ArrayList<>();
    for (int stage = 0; stage < encoder.depth().size(); stage++) {
      widths.add((encoder.embedDim() << stage) * EXPANSION);
    }
    json.putPOJO("hidden_sizes", widths);
    json.putPOJO("depths", encoder.depth());
    json.put("layer_type", "bottleneck");
    json.put("hidden_act", "relu");
    json.put("downsample_in_first_stage", false);
    json.put("downsample_in_bottleneck", false);
    json.put("image_size", model.model().imageSize());
  }

  @Override
  public ModelConfig read(ForeignConfig config, ForeignShapes shapes) {
    config.require("layer_type", "bottleneck");
    config.require("hidden_act", "relu");
    config.require("num_channels", "3");
    config.require("downsample_in_first_stage", "false");
    config.require("downsample_in_bottleneck", "false");
    EncoderConfig encoder =
        EncoderShapes.resNet(config.integer("embedding_size"), config.integers("depths"));
    int imageSize = config.integer("image_size", 224);
    return ModelConfig.simmim(imageSize, imageSize / encoder.stride(), encoder);
  }

  @Override
  public NameTable names(PortableModel model, Set<String> found) {
    return ForeignKind.prefixed(id(), "resnet.", found, "");
  }
}

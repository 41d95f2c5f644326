package io.simmim.trainer.interop.timm;

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
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Residual networks with bottleneck blocks of timm, which have no mask token. */
public final class TimmResNet implements ForeignKind {
  private static final int WIDTH = 64;
  private static final int MOST_STAGES = 4;

  @Override
  public String id() {
    return "timm-resnet";
  }

  @Override
  public Library library() {
    return Library.TIMM;
  }

  @Override
  public String architecture(PortableModel model) {
    return "resnet50";
  }

  @Override
  public boolean describes(ForeignConfig config, Set<String> names) {
    return config.architecture().matches("resnet(50|101|152)");
  }

  @Override
  public Optional<String> obstacle(PortableModel model) {
    EncoderConfig encoder = model.encoder();
    if (encoder.embedDim() != WIDTH) {
      return Optional.of(
          "timm's ResNet has a stem of width %d, this model encoder.embed-dim %d"
              .formatted(WIDTH, encoder.embedDim()));
    }
    return encoder.depth().size() == MOST_STAGES
        ? Optional.empty()
        : Optional.of(
            "timm's ResNet has %d stages, this model encoder.depth %s"
                .formatted(MOST_STAGES, encoder.depth()));
  }

  @Override
  public boolean hasHead() {
    return false;
  }

  @Override
  public void describe(ObjectNode json, PortableModel model) {
    EncoderConfig encoder = model.encoder();
    TimmJson.begin(json, architecture(model), model, "avg");
    json.putObject("model_args").putPOJO("layers", encoder.depth());
    TimmJson.pretrained(json, model, false, "conv1", "fc");
  }

  @Override
  public ModelConfig read(ForeignConfig config, ForeignShapes shapes) {
    List<Integer> depths = new ArrayList<>();
    for (int stage = 1; shapes.has("layer" + stage + ".0.conv1.weight"); stage++) {
      depths.add(shapes.count("layer" + stage + ".", ".conv1.weight"));
    }
    EncoderConfig encoder = EncoderShapes.resNet(shapes.size("conv1.weight", 0), depths);
    int imageSize = config.arguments().integer("img_size", 224);
    return ModelConfig.simmim(imageSize, imageSize / encoder.stride(), encoder);
  }

  @Override
  public NameTable names(PortableModel model, Set<String> found) {
    return NameTable.read(id() + ".names", Map.of());
  }
}

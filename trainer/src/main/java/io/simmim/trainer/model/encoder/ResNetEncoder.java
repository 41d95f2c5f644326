package io.simmim.trainer.model.encoder;

import static io.simmim.trainer.model.parameter.Initializer.constant;
import static io.simmim.trainer.model.parameter.Initializer.normal;

import io.simmim.trainer.model.parameter.Initializer;
import io.simmim.trainer.model.parameter.ParameterList;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Residual network with bottleneck blocks (He et al., CVPR 2016; ResNet-50 with depths 3, 4, 6, 3
 * and width 64, ResNet-50×4 with width 256) in SimMIM's supplement, section 5: mask tokens replace
 * the stem's features of masked patches. Names and initial values are torchvision's.
 *
 * <p>Interpreted: the stem sees masked pixels as the mean colour, since its windows reach over the
 * borders of patches. Predictions normalise by the statistics of their micro-batch and leave the
 * running ones, which are exported, as they are; features of whole images take the running ones.
 */
final class ResNetEncoder implements Encoder {
  /** A model patch is what one position behind the stem stands for. */
  static final int PATCH = 4;

  private static final int EXPANSION = 4;
  private static final double TOKEN_STD = 0.02;

  private final EncoderConfig config;
  private final int side;
  private final ParameterList parameters = new ParameterList("encoder.", 0);

  /** Of each block: first parameter, stride, whether its shortcut is a convolution. */
  private final List<Integer> origins = new ArrayList<>();

  private final List<Integer> strides = new ArrayList<>();
  private final List<Boolean> projects = new ArrayList<>();

  ResNetEncoder(EncoderConfig config, int imageSize) {
    this.config = config;
    side = imageSize / PATCH;
    int width = config.embedDim();
    parameters.add("mask_token", "mask_token", normal(TOKEN_STD), false, 1, width, 1, 1);
    addConvolution("conv1", width, 3, 7);
    addBatchNorm("bn1", width);
    int inputs = width;
    for (int stage = 0; stage < config.depth().size(); stage++) {
      int inner = width << stage;
      for (int block = 0; block < config.depth().get(stage); block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        addBlock(
            String.format(Locale.ROOT, "layer%d.%d.", stage + 1, block), inputs, inner, stride);
        inputs = inner * EXPANSION;
      }
    }
  }

  private void addBlock(String name, int inputs, int inner, int stride) {
    int outputs = inner * EXPANSION;
    origins.add(parameters.beginBlock(name));
    strides.add(stride);
    addConvolution("conv1", inner, inputs, 1);
    addBatchNorm("bn1", inner);
    addConvolution("conv2", inner, inner, 3);
    addBatchNorm("bn2", inner);
    addConvolution("conv3", outputs, inner, 1);
    addBatchNorm("bn3", outputs);
    boolean project = inputs != outputs || stride != 1;
    projects.add(project);
    if (project) {
      addConvolution("downsample.0", outputs, inputs, 1);
      addBatchNorm("downsample.1", outputs);
    }
  }

  private void addConvolution(String name, int outputs, int inputs, int size) {
    Initializer kaiming = normal(StrictMath.sqrt(2.0 / ((double) outputs * size * size)));
    parameters.addRounded(name, name + ".weight", kaiming, true, outputs, inputs, size, size);
  }

  private void addBatchNorm(String name, int width) {
    parameters.addNorm(name, name, width, 1);
    parameters.addFrozen(name + "_mean", name + ".running_mean", constant(0), width);
    parameters.addFrozen(name + "_var", name + ".running_var", constant(1), width);
  }

  @Override
  public List<ParameterSpec> parameters() {
    return parameters.specs();
  }

  @Override
  public int width() {
    return (config.embedDim() << (config.depth().size() - 1)) * EXPANSION;
  }

  @Override
  public int patchSize() {
    return PATCH;
  }

  @Override
  public int patchSide() {
    return side;
  }

  @Override
  public int stride() {
    return config.stride();
  }

  @Override
  public int gridSide() {
    return side * PATCH / stride();
  }

  @Override
  public void addTo(TorchScriptSource source, int firstConstant) {
    Map<String, Object> values = parameters.places();
    values.keySet().retainAll(List.of("mask_token"));
    values.put("stem", 1);
    values.put("side", side);
    values.put("outputs", width());
    values.put("origins", origins);
    values.put("strides", strides);
    values.put("projects", projects.stream().map(project -> project ? 1 : 0).toList());
    source.add(ResNetEncoder.class, "resnet.torchscript", values);
  }

  @Override
  public int segments() {
    return config.blocks();
  }

  @Override
  public double[] dropPathRates() {
    return DropPath.linearRates(config.dropPathRate(), config.blocks());
  }
}

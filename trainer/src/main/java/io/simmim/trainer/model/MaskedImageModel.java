package io.simmim.trainer.model;

import io.simmim.schemas.Philox;
import io.simmim.schemas.Philox.Purpose;
import io.simmim.trainer.TensorSpec;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An encoder with SimMIM's prediction head and objective (Xie et al., CVPR 2022, sections 3.3 and
 * 3.4): one linear layer from a feature to the pixels of its cell, L1 on masked pixels.
 */
public final class MaskedImageModel {
  private static final double[] MEAN = {0.485, 0.456, 0.406};
  private static final double[] DEVIATION = {0.229, 0.224, 0.225};

  private final Encoder encoder;
  private final List<ParameterSpec> parameters;

  public MaskedImageModel(EncoderConfig config, int imageSize) {
    encoder = Encoder.of(config, imageSize);
    parameters = new ArrayList<>(encoder.parameters());
    // torch.nn.Conv2d's default: kaiming_uniform_ with a = sqrt(5), which is U(±1/sqrt(fan in)).
    Initializer uniform = Initializer.uniform(1 / StrictMath.sqrt(encoder.width()));
    long outputs = cellValues();
    long width = encoder.width();
    parameters.add(
        new ParameterSpec(
            new TensorSpec("decoder.0.weight", List.of(outputs, width, 1L, 1L)), uniform, true));
    parameters.add(
        new ParameterSpec(new TensorSpec("decoder.0.bias", List.of(outputs)), uniform, false));
  }

  public Encoder encoder() {
    return encoder;
  }

  /** All parameters in their official order. */
  public List<ParameterSpec> parameters() {
    return List.copyOf(parameters);
  }

  /** The first values of a parameter, in row-major order. */
  public float[] initialValues(int parameter, long seed) {
    ParameterSpec spec = parameters.get(parameter);
    float[] values = new float[Math.toIntExact(spec.tensor().elements())];
    spec.initializer().fill(values, new Philox(seed, Purpose.INITIALIZATION, 0, parameter));
    return values;
  }

  /** Adds the methods {@code gradients}, {@code accumulate} and {@code predict}. */
  public TorchScriptSource addTo(TorchScriptSource source, boolean bf16) {
    encoder.addTo(source, bf16);
    return source.add(
        MaskedImageModel.class,
        "simmim.torchscript",
        Map.of(
            "side", encoder.gridSide(),
            "cell", encoder.stride(),
            "cell_values", cellValues(),
            "decoder_weight", parameters.size() - 2,
            "decoder_bias", parameters.size() - 1));
  }

  /** Mean of each value of a cell: channel, row, column. */
  public float[] pixelMean() {
    return perChannel(MEAN);
  }

  /** Standard deviation of each value of a cell. */
  public float[] pixelDeviation() {
    return perChannel(DEVIATION);
  }

  private float[] perChannel(double[] statistics) {
    float[] values = new float[cellValues()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) statistics[i / (encoder.stride() * encoder.stride())];
    }
    return values;
  }

  private int cellValues() {
    return 3 * encoder.stride() * encoder.stride();
  }
}

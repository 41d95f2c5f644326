package io.simmim.trainer.model;

import io.simmim.schemas.Philox;
import io.simmim.schemas.Philox.Purpose;
import io.simmim.trainer.TensorSpec;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An encoder with SimMIM's prediction head and objective (Xie et al., CVPR 2022, sections 3.3 and
 * 3.4): one linear layer from a feature to the pixels of its cell, L1 on masked pixels, which may
 * be normalised by their neighbourhood (Liu et al., Swin Transformer V2, CVPR 2022).
 */
public final class MaskedImageModel {
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};

  private final Encoder encoder;
  private final TargetConfig target;
  private final LossConfig loss;
  private final int maskSide;
  private final List<ParameterSpec> parameters;

  /**
   * @param maskSide masks along one side of the image; divides the encoder's patches
   */
  public MaskedImageModel(
      EncoderConfig config, TargetConfig target, LossConfig loss, int imageSize, int maskSide) {
    encoder = Encoder.of(config, imageSize);
    this.target = target;
    this.loss = loss;
    this.maskSide = maskSide;
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
    Map<String, Object> values = new HashMap<>();
    values.put("side", encoder.gridSide());
    values.put("cell", encoder.stride());
    values.put("cell_values", cellValues());
    values.put("patch_side", encoder.patchSide());
    values.put("patch", encoder.patchSize());
    values.put("full_area", loss.area() == LossArea.FULL);
    values.put("loss_l1", loss.type() == LossType.L1);
    values.put("loss_l2", loss.type() == LossType.L2);
    values.put("fine_masks", loss.area() == LossArea.MASKED && maskSide > encoder.gridSide());
    values.put("locally_normalised", target.normPatchSize() > 0);
    values.put("target_window", Math.max(1, target.normPatchSize()));
    values.put("target_reach", target.normPatchSize() / 2);
    values.put("decoder_weight", parameters.size() - 2);
    values.put("decoder_bias", parameters.size() - 1);
    return source.add(MaskedImageModel.class, "simmim.torchscript", values);
  }

  /** Mean of the three channels, of pixels between 0 and 1. */
  public float[] pixelMean() {
    return MEAN.clone();
  }

  /** Standard deviation of the three channels. */
  public float[] pixelDeviation() {
    return DEVIATION.clone();
  }

  private int cellValues() {
    return 3 * encoder.stride() * encoder.stride();
  }
}

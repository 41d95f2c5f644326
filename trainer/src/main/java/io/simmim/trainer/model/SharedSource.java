package io.simmim.trainer.model;

import io.simmim.schemas.Normalization;
import io.simmim.trainer.model.encoder.Encoder;
import io.simmim.trainer.model.encoder.PatchIndex;
import io.simmim.trainer.model.parameter.ConstantTensor;
import io.simmim.trainer.model.parameter.ParameterLayout;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.torch.TorchScriptSource;
import java.util.List;
import java.util.Map;

/** The source that models with an encoder share. */
public final class SharedSource {
  /** How many constants {@link #constants} are. */
  public static final int NORMALIZATION_CONSTANTS = 2;

  private SharedSource() {}

  /** Adds what the blocks of encoders are made of. */
  public static void addBlocks(TorchScriptSource source, Encoder encoder, Precision precision) {
    source.add(
        SharedSource.class,
        "blocks.torchscript",
        Map.of(
            "bf16",
            precision == Precision.BF16,
            "segments",
            encoder.segments(),
            "kept",
            PatchIndex.KEPT,
            "kept_counts",
            PatchIndex.KEPT_COUNTS));
  }

  /** Adds what makes patches of pixels. */
  public static void addPixels(TorchScriptSource source) {
    source.add(SharedSource.class, "pixels.torchscript", Map.of());
  }

  /**
   * Adds the gradients of the model's loss.
   *
   * @param recompute whether the backward pass computes activations within blocks anew
   * @param layout where parameters and gradients lie
   */
  public static void addGradients(
      TorchScriptSource source, Encoder encoder, boolean recompute, ParameterLayout layout) {
    source.add(
        SharedSource.class,
        "gradients.torchscript",
        Map.of(
            "recompute", recompute,
            "rounded", layout.rounded(),
            "gaps", layout.gaps(),
            "segments", encoder.segments(),
            "patch_side", encoder.patchSide(),
            "patch", encoder.patchSize()));
  }

  /** The first {@link #NORMALIZATION_CONSTANTS} constants: mean and deviation of the channels. */
  public static List<ConstantTensor> constants(Normalization normalization) {
    return List.of(floats(normalization.mean()), floats(normalization.deviation()));
  }

  private static ConstantTensor floats(List<Double> values) {
    float[] rounded = new float[values.size()];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = values.get(i).floatValue();
    }
    return new ConstantTensor.Floats(rounded);
  }
}

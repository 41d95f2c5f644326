package io.simmim.trainer.model;

import java.io.Serializable;

/**
 * What the model learns to predict.
 *
 * @param normPatchSize side of the neighbourhood in pixels whose mean and deviation each target
 *     pixel is normalised by, odd, as SwinV2's pre-training does with 47; 0 for the pixels as they
 *     are
 */
public record TargetConfig(int normPatchSize) implements Serializable {
  /** The pixels as they are: SimMIM's default. */
  public static final TargetConfig PIXELS = new TargetConfig(0);

  public TargetConfig {
    if (normPatchSize != 0 && (normPatchSize < 3 || normPatchSize % 2 == 0)) {
      throw new IllegalArgumentException(
          "norm-patch-size must be 0 (off) or odd and at least 3: " + normPatchSize);
    }
  }
}

package io.simmim.trainer.model;

import java.io.Serializable;

/**
 * How a ViT normalises where other libraries differ from the official code, so that their weights
 * compute here what they compute there.
 *
 * @param epsilon of the layer norms, added to the variance
 * @param behindPooling whether the last norm is that of the mean of the cells, behind the encoder,
 *     whose features then have none (BEiT and others with mean pooling)
 */
public record NormConfig(double epsilon, boolean behindPooling) implements Serializable {
  /** SimMIM's and MAE's. */
  public static final NormConfig OFFICIAL = new NormConfig(1e-6, false);

  private static final double LARGEST = 1e-2;

  public NormConfig {
    if (!(epsilon > 0 && epsilon <= LARGEST)) {
      throw new IllegalArgumentException(
          "layer_norm_eps must be above 0 and at most %s: %s".formatted(LARGEST, epsilon));
    }
  }
}

package io.simmim.trainer.model;

import java.io.Serializable;
import java.util.Objects;

/**
 * Shape of the encoder. Defaults of the paper's ViT-B: patch 16, width 768, 12 blocks of 12 heads,
 * shared relative position bias, layer scale 0.1, stochastic depth 0.1.
 *
 * @param type architecture
 * @param patchSize side of a model patch in pixels
 * @param embedDim width C of the token vectors; divisible by {@code numHeads}
 * @param depth number of blocks
 * @param numHeads attention heads per block
 * @param mlpRatio hidden width of the MLP over {@code embedDim}
 * @param qkvBias whether queries and values (not keys) have a bias
 * @param absolutePosition whether a learnable position embedding is added to the tokens
 * @param relativePositionBias learnable bias of attention
 * @param layerScaleInit initial value of the layer scale, 0 for none
 * @param dropPathRate stochastic depth of the last block; grows linearly from 0 over the blocks
 */
public record EncoderConfig(
    EncoderType type,
    int patchSize,
    int embedDim,
    int depth,
    int numHeads,
    double mlpRatio,
    boolean qkvBias,
    boolean absolutePosition,
    RelativePositionBias relativePositionBias,
    double layerScaleInit,
    double dropPathRate)
    implements Serializable {

  public EncoderConfig {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(relativePositionBias, "relativePositionBias");
    requireAtLeastOne("patch-size", patchSize);
    requireAtLeastOne("embed-dim", embedDim);
    requireAtLeastOne("depth", depth);
    requireAtLeastOne("num-heads", numHeads);
    if (embedDim % numHeads != 0) {
      throw new IllegalArgumentException(
          "num-heads must divide embed-dim %d: %d".formatted(embedDim, numHeads));
    }
    if (!(mlpRatio > 0 && mlpRatio * embedDim >= 1 && mlpRatio <= 64)) {
      throw new IllegalArgumentException("mlp-ratio must be above 0 and at most 64: " + mlpRatio);
    }
    if (!(layerScaleInit >= 0 && layerScaleInit <= 1)) {
      throw new IllegalArgumentException(
          "layer-scale-init must be between 0 (none) and 1: " + layerScaleInit);
    }
    if (!(dropPathRate >= 0 && dropPathRate < 1)) {
      throw new IllegalArgumentException(
          "drop-path-rate must be at least 0 and below 1: " + dropPathRate);
    }
  }

  /** Width of the MLP's hidden layer; cut to an integer as in the official code. */
  public int mlpWidth() {
    return (int) (embedDim * mlpRatio);
  }

  private static void requireAtLeastOne(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("%s must be at least 1: %d".formatted(key, value));
    }
  }
}

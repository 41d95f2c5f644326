package io.simmim.operators.image;

import java.io.Serializable;

/**
 * Which part of a sample is masked: random patches (SimMIM paper, section 3.2).
 *
 * @param patchSize side of a mask patch, in pixels
 * @param ratio share of the patches that is masked; the count is rounded up
 */
public record MaskConfig(int patchSize, double ratio) implements Serializable {
  public MaskConfig {
    if (patchSize < 1) {
      throw new IllegalArgumentException("mask-patch-size must be at least 1: " + patchSize);
    }
    if (!(ratio > 0 && ratio < 1)) {
      throw new IllegalArgumentException("mask-ratio must be above 0 and below 1: " + ratio);
    }
  }

  /**
   * Side of the mask grid.
   *
   * @param imageSize side of the samples, in pixels
   */
  public int gridSide(int imageSize) {
    if (imageSize % patchSize != 0) {
      throw new IllegalArgumentException(
          "mask-patch-size must divide image-size %d: %d".formatted(imageSize, patchSize));
    }
    return imageSize / patchSize;
  }

  /** Number of masked patches among {@code patches}, as the official code rounds it. */
  public int maskedPatches(int patches) {
    return (int) Math.ceil(patches * ratio);
  }
}

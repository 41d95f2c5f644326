package io.simmim.trainer.mixing;

import io.simmim.schemas.Normalization;

/**
 * Turns levels into the numbers that models see, in float32 and in the order of torchvision: a
 * division by 255, a difference, a division. Immutable.
 */
public final class PixelNormalizer {
  private static final int LEVELS = 256;
  private static final int CHANNELS = 3;

  /** (3, 256). */
  private final float[] table = new float[CHANNELS * LEVELS];

  /** With a model's mean and deviation. */
  public PixelNormalizer(Normalization normalization) {
    for (int channel = 0; channel < CHANNELS; channel++) {
      float mean = normalization.mean().get(channel).floatValue();
      float deviation = normalization.deviation().get(channel).floatValue();
      for (int level = 0; level < LEVELS; level++) {
        table[channel * LEVELS + level] = (level / 255f - mean) / deviation;
      }
    }
  }

  /**
   * Normalises images.
   *
   * @param pixels (m, 3, S, S), uint8
   * @param size side S
   * @param into (…, 3, S, S)
   * @param offset first element of {@code into} that is written
   */
  public void normalize(byte[] pixels, int size, float[] into, int offset) {
    int area = size * size;
    if (pixels.length % (CHANNELS * area) != 0 || offset > into.length - pixels.length) {
      throw new IllegalArgumentException(
          "pixels must hold images of 3 x %d x %d bytes, with room for as many floats: %d bytes, %d"
              .formatted(size, size, pixels.length, into.length - offset));
    }
    for (int plane = 0; plane * area < pixels.length; plane++) {
      int levels = plane % CHANNELS * LEVELS;
      for (int i = plane * area; i < (plane + 1) * area; i++) {
        into[offset + i] = table[levels + (pixels[i] & 255)];
      }
    }
  }
}

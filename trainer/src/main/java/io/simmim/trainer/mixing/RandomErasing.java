package io.simmim.trainer.mixing;

import io.simmim.schemas.random.NormalQuantile;
import io.simmim.schemas.random.Philox;
import java.io.Serializable;

/**
 * Random erasing (Zhong et al., AAAI 2020) as timm's mode {@code pixel} does it: in some images a
 * rectangle is replaced by normal noise, a number of its own for each pixel and channel.
 *
 * <p>It works on normalised images, in the trainer: samples travel as bytes, and those end at about
 * two standard deviations, so that noise written into them would be cut and coarse. The noise is
 * also what does not compress, and it would travel; here it is a function of the sample. It follows
 * timm in distribution, not in its stream of random numbers.
 *
 * @param probability of an image to be erased in part, 0 to 1
 * @param areaMin smallest share of the area, above 0
 * @param areaMax largest share, below 1
 * @param aspectMin smallest height / width of the rectangle, above 0 and at most 1; the largest is
 *     its inverse
 */
public record RandomErasing(double probability, double areaMin, double areaMax, double aspectMin)
    implements Serializable {
  private static final int TRIES = 10;
  private static final int CHANNELS = 3;

  public RandomErasing {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException(
          "finetune.erase-probability must be 0 to 1: " + probability);
    }
    if (!(areaMin > 0 && areaMin <= areaMax && areaMax < 1)) {
      throw new IllegalArgumentException(
          "the share of an image that is erased must be a range between 0 and 1: %s to %s"
              .formatted(areaMin, areaMax));
    }
    if (!(aspectMin > 0 && aspectMin <= 1)) {
      throw new IllegalArgumentException(
          "the smallest ratio of what is erased must be above 0 and at most 1: " + aspectMin);
    }
  }

  /** With the areas and ratios of timm: 0.02 to 1/3 of the image, 0.3 to 1/0.3. */
  public static RandomErasing withProbability(double probability) {
    return new RandomErasing(probability, 0.02, 1.0 / 3, 0.3);
  }

  /**
   * Erases a part of an image, or nothing.
   *
   * @param pixels (…, 3, S, S), normalised
   * @param offset first element of the image
   * @param size side S
   * @param random of the purpose ERASING, keyed by (epoch, sample id)
   */
  public void erase(float[] pixels, int offset, int size, Philox random) {
    if (random.nextDouble() >= probability) {
      return;
    }
    double logAspect = StrictMath.log(aspectMin);
    for (int i = 0; i < TRIES; i++) {
      double area = (areaMin + (areaMax - areaMin) * random.nextDouble()) * size * size;
      double aspect = StrictMath.exp(logAspect - 2 * logAspect * random.nextDouble());
      int height = (int) Math.rint(Math.sqrt(area * aspect));
      int width = (int) Math.rint(Math.sqrt(area / aspect));
      if (height < size && width < size) {
        int top = random.nextInt(size - height + 1);
        int left = random.nextInt(size - width + 1);
        fill(pixels, offset + top * size + left, size, height, width, random);
        return;
      }
    }
  }

  private static void fill(
      float[] pixels, int first, int size, int height, int width, Philox random) {
    for (int channel = 0; channel < CHANNELS; channel++) {
      for (int y = 0; y < height; y++) {
        int line = first + (channel * size + y) * size;
        for (int at = line; at < line + width; at++) {
          pixels[at] = (float) NormalQuantile.of((random.nextBits() + 0.5) * 0x1p-32);
        }
      }
    }
  }
}

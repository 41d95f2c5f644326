package io.simmim.operators.image.crop;

import io.simmim.schemas.random.Philox;
import java.io.Serializable;

/**
 * Draws the box of torchvision's RandomResizedCrop: ten tries with an area uniform in the scale
 * range and a ratio uniform in its logarithm, then the central crop whose ratio is clamped. Uses
 * StrictMath, so that every machine draws the same boxes.
 */
public final class CropSampler implements Serializable {
  private static final long serialVersionUID = 1;

  private static final int TRIES = 10;

  private final ImageConfig config;
  private final double logRatioMin;
  private final double logRatioMax;

  public CropSampler(ImageConfig config) {
    this.config = config;
    logRatioMin = StrictMath.log(config.cropRatioMin());
    logRatioMax = StrictMath.log(config.cropRatioMax());
  }

  /**
   * Draws a crop.
   *
   * @param random of the purpose CROP
   * @param width of the image
   * @param height of the image
   */
  public CropBox sample(Philox random, int width, int height) {
    double area = (double) width * height;
    for (int i = 0; i < TRIES; i++) {
      double target = area * uniform(random, config.cropScaleMin(), config.cropScaleMax());
      double ratio = StrictMath.exp(uniform(random, logRatioMin, logRatioMax));
      long cropWidth = (long) Math.rint(Math.sqrt(target * ratio));
      long cropHeight = (long) Math.rint(Math.sqrt(target / ratio));
      if (cropWidth > 0 && cropWidth <= width && cropHeight > 0 && cropHeight <= height) {
        int top = random.nextInt(height - (int) cropHeight + 1);
        int left = random.nextInt(width - (int) cropWidth + 1);
        return new CropBox(top, left, (int) cropHeight, (int) cropWidth);
      }
    }
    return central(width, height);
  }

  private CropBox central(int width, int height) {
    double ratio = (double) width / height;
    int cropWidth = width;
    int cropHeight = height;
    if (ratio < config.cropRatioMin()) {
      cropHeight = clamp(Math.rint(width / config.cropRatioMin()), height);
    } else if (ratio > config.cropRatioMax()) {
      cropWidth = clamp(Math.rint(height * config.cropRatioMax()), width);
    }
    return new CropBox((height - cropHeight) / 2, (width - cropWidth) / 2, cropHeight, cropWidth);
  }

  /** torchvision does not clamp: with one-pixel sides and extreme ratios it would crop nothing. */
  private static int clamp(double side, int largest) {
    return (int) Math.max(1, Math.min(largest, side));
  }

  private static double uniform(Philox random, double from, double to) {
    return from + (to - from) * random.nextDouble();
  }
}

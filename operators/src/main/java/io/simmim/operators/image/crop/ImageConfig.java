package io.simmim.operators.image.crop;

import io.simmim.schemas.Normalization;
import java.io.Serializable;
import java.util.List;

/**
 * How an image becomes a training sample: RandomResizedCrop and horizontal flip (SimMIM paper,
 * section 4.1), and the limit on what is decoded at all.
 *
 * @param size side S of the samples, in pixels
 * @param cropScaleMin smallest share of the image's area that a crop covers
 * @param cropScaleMax largest share
 * @param cropRatioMin smallest width / height of a crop
 * @param cropRatioMax largest width / height
 * @param flipProbability chance of a horizontal flip, 0 to 1
 * @param maxMegapixels images that claim more pixels are refused before anything is allocated
 * @param mean of red, green and blue, as the model's images are normalised ({@link Normalization})
 * @param std deviation of red, green and blue, likewise
 */
public record ImageConfig(
    int size,
    double cropScaleMin,
    double cropScaleMax,
    double cropRatioMin,
    double cropRatioMax,
    double flipProbability,
    double maxMegapixels,
    List<Double> mean,
    List<Double> std)
    implements Serializable {
  /** The largest side: three planes of a chunk's image stay well below one array. */
  private static final int MAX_SIZE = 4096;

  private static final long NATIVE_BYTES_PER_PIXEL = 6;

  /** What decoders take besides: rows that they work on, and the file. */
  private static final long NATIVE_BYTES_PER_IMAGE = 64L << 20;

  /** OpenCV's own limit. */
  private static final double MAX_MEGAPIXELS = 1 << 10;

  public ImageConfig {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    Normalization.named("image.mean", mean, "image.std", std);
    if (size < 1 || size > MAX_SIZE) {
      throw new IllegalArgumentException(
          "image.size must be 1 to %d: %d".formatted(MAX_SIZE, size));
    }
    if (!(cropScaleMin > 0 && cropScaleMin <= cropScaleMax && cropScaleMax <= 1)) {
      throw new IllegalArgumentException(
          "image.crop-scale-min and image.crop-scale-max must be a range within 0 (excluded) and 1: %s to %s"
              .formatted(cropScaleMin, cropScaleMax));
    }
    if (!(cropRatioMin > 0 && cropRatioMin <= cropRatioMax && cropRatioMax <= 1000)) {
      throw new IllegalArgumentException(
          "image.crop-ratio-min and image.crop-ratio-max must be a range within 0 (excluded) and 1000: %s to %s"
              .formatted(cropRatioMin, cropRatioMax));
    }
    if (!(flipProbability >= 0 && flipProbability <= 1)) {
      throw new IllegalArgumentException(
          "image.flip-probability must be 0 to 1: " + flipProbability);
    }
    if (!(maxMegapixels > 0 && maxMegapixels <= MAX_MEGAPIXELS)) {
      throw new IllegalArgumentException(
          "image.max-megapixels must be above 0 and at most %.0f: %s"
              .formatted(MAX_MEGAPIXELS, maxMegapixels));
    }
  }

  /** With ImageNet's mean and deviation. */
  public ImageConfig(
      int size,
      double cropScaleMin,
      double cropScaleMax,
      double cropRatioMin,
      double cropRatioMax,
      double flipProbability,
      double maxMegapixels) {
    this(
        size,
        cropScaleMin,
        cropScaleMax,
        cropRatioMin,
        cropRatioMax,
        flipProbability,
        maxMegapixels,
        Normalization.IMAGENET.mean(),
        Normalization.IMAGENET.deviation());
  }

  /** The paper's augmentation for samples of the given side. */
  public static ImageConfig ofSize(int size) {
    return new ImageConfig(size, 0.67, 1, 3.0 / 4, 4.0 / 3, 0.5, 178);
  }

  /** The same for samples of another side. */
  public ImageConfig withSize(int side) {
    return new ImageConfig(
        side,
        cropScaleMin,
        cropScaleMax,
        cropRatioMin,
        cropRatioMax,
        flipProbability,
        maxMegapixels,
        mean,
        std);
  }

  /** How images are normalised. */
  public Normalization normalization() {
    return new Normalization(mean, std);
  }

  public long maxPixels() {
    return (long) (maxMegapixels * 1e6);
  }

  /**
   * Bytes of native memory that decoding may take: enough for the largest image as a progressive
   * JPEG with 4:2:0 sampling, which is three bytes of pixels and three of coefficients per pixel.
   */
  public long maxNativeBytes() {
    return NATIVE_BYTES_PER_PIXEL * maxPixels() + NATIVE_BYTES_PER_IMAGE;
  }
}

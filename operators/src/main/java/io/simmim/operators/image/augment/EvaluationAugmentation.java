package io.simmim.operators.image.augment;

import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.crop.Interpolation;
import io.simmim.operators.image.crop.ResizedCrop;

/**
 * How images are shown to a model that is measured, as the official fine-tuning code does: the
 * shorter side is resized to 256 / 224 of the model's, bicubically, and the centre is cut out.
 * torchvision's Resize and CenterCrop round as here: the longer side down, the margins to the
 * nearest even number of pixels where they are halves. Nothing is random.
 *
 * @param size side S of the samples, in pixels
 */
public record EvaluationAugmentation(int size) implements Augmentation {
  private static final double SHORTER_SIDE = 256.0 / 224;

  public EvaluationAugmentation {
    if (size < 1) {
      throw new IllegalArgumentException("the side of samples must be at least 1: " + size);
    }
  }

  @Override
  public ResizedCrop crop(int width, int height, SampleDraws draws) {
    long shorter = (long) (SHORTER_SIDE * size);
    long scaledWidth = width <= height ? shorter : shorter * width / height;
    long scaledHeight = width <= height ? shorter * height / width : shorter;
    return new ResizedCrop(
        CropBox.whole(width, height),
        scaledWidth,
        scaledHeight,
        margin(scaledWidth),
        margin(scaledHeight),
        size,
        Interpolation.BICUBIC,
        false);
  }

  private long margin(long side) {
    return (long) Math.rint((side - size) / 2.0);
  }
}

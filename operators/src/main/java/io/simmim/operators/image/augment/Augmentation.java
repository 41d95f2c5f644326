package io.simmim.operators.image.augment;

import io.simmim.operators.image.crop.ResizedCrop;
import io.simmim.operators.image.randaugment.PixelOperation;
import java.io.Serializable;
import java.util.List;

/**
 * What a model sees of an image: which part, at which size, mirrored or not, and what is done to
 * its pixels. A recipe says it, and one class does all of it ({@link
 * io.simmim.operators.image.ImagePath}): bytes come out, uint8, RGB. The model normalises them on
 * its own device by its {@link io.simmim.schemas.Normalization}.
 *
 * <p>A new recipe is one class.
 */
public interface Augmentation extends Serializable {
  /** Side S of the samples, in pixels. */
  int size();

  /**
   * What is shown of an image: a pure function of the arguments.
   *
   * @param width of the image, in pixels
   * @param height of the image, in pixels
   * @param draws random numbers of the sample
   */
  ResizedCrop crop(int width, int height, SampleDraws draws);

  /**
   * What is then done to the pixels, in order: a pure function as well.
   *
   * @param draws random numbers of the sample
   */
  default List<PixelOperation> operations(SampleDraws draws) {
    return List.of();
  }
}

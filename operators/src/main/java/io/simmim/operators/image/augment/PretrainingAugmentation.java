package io.simmim.operators.image.augment;

import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.crop.CropSampler;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.crop.Interpolation;
import io.simmim.operators.image.crop.ResizedCrop;
import io.simmim.schemas.random.Philox.Purpose;

/**
 * The light augmentation of masked image modeling (SimMIM paper, section 4.1): RandomResizedCrop
 * and horizontal flip.
 */
public final class PretrainingAugmentation implements Augmentation {
  private static final long serialVersionUID = 1;

  private final ImageConfig config;
  private final CropSampler crops;

  public PretrainingAugmentation(ImageConfig config) {
    this.config = config;
    crops = new CropSampler(config);
  }

  @Override
  public int size() {
    return config.size();
  }

  @Override
  public ResizedCrop crop(int width, int height, SampleDraws draws) {
    CropBox box = crops.sample(draws.of(Purpose.CROP), width, height);
    ResizedCrop crop = ResizedCrop.squeezed(box, config.size(), Interpolation.BILINEAR);
    return draws.of(Purpose.FLIP).nextDouble() < config.flipProbability() ? crop.flipped() : crop;
  }
}

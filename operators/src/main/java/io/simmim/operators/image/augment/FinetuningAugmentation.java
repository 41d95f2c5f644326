package io.simmim.operators.image.augment;

import io.simmim.operators.image.crop.CropBox;
import io.simmim.operators.image.crop.CropSampler;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.crop.InterpolationChoice;
import io.simmim.operators.image.crop.ResizedCrop;
import io.simmim.operators.image.randaugment.PixelOperation;
import io.simmim.operators.image.randaugment.RandAugment;
import io.simmim.schemas.random.Philox;
import io.simmim.schemas.random.Philox.Purpose;
import java.util.List;

/**
 * The heavy augmentation of fine-tuning, as the official code has timm do it: RandomResizedCrop,
 * horizontal flip, RandAugment.
 *
 * <p>What timm does to normalised numbers comes later, where images have become such: random
 * erasing, whose noise goes beyond what a byte of a sample can say, Mixup and CutMix. All of them
 * are pure functions of the sample as well.
 */
public final class FinetuningAugmentation implements Augmentation {
  private static final long serialVersionUID = 1;

  private final ImageConfig config;
  private final InterpolationChoice interpolation;
  private final RandAugment randAugment;
  private final CropSampler crops;

  /**
   * @param config of crops and flips; the official code crops 0.08 to 1 of the area
   * @param interpolation where crops are resized and where RandAugment moves pixels; the official
   *     code's is bicubic
   * @param randAugment timm's text, as {@code rand-m9-mstd0.5-inc1}, or null for no such operations
   * @throws IllegalArgumentException if that text says something else
   */
  public FinetuningAugmentation(
      ImageConfig config, InterpolationChoice interpolation, String randAugment) {
    this.config = config;
    this.interpolation = interpolation;
    this.randAugment = randAugment == null ? null : RandAugment.parse(randAugment, interpolation);
    crops = new CropSampler(config);
  }

  @Override
  public int size() {
    return config.size();
  }

  @Override
  public ResizedCrop crop(int width, int height, SampleDraws draws) {
    Philox random = draws.of(Purpose.CROP);
    CropBox box = crops.sample(random, width, height);
    ResizedCrop crop = ResizedCrop.squeezed(box, config.size(), interpolation.draw(random));
    return draws.of(Purpose.FLIP).nextDouble() < config.flipProbability() ? crop.flipped() : crop;
  }

  @Override
  public List<PixelOperation> operations(SampleDraws draws) {
    return randAugment == null ? List.of() : randAugment.draw(draws.of(Purpose.RAND_AUGMENT));
  }
}

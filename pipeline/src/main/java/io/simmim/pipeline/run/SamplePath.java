package io.simmim.pipeline.run;

import io.simmim.operators.image.ImagePath;
import io.simmim.operators.image.ImagePathFunction;
import io.simmim.operators.image.ImagePathFunction.Beside;
import io.simmim.operators.image.augment.Augmentation;
import io.simmim.operators.image.augment.PretrainingAugmentation;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.mask.MaskStrategy;
import io.simmim.operators.image.mask.NoMask;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.trainer.classification.ClassifierTraining;

/**
 * How a run makes samples of its images: in its job, and wherever else they are made again.
 *
 * @param limits of what is decoded at all
 * @param seed the run's seed
 */
public record SamplePath(
    ImageConfig limits, Augmentation augmentation, MaskStrategy mask, long seed) {
  /** The path of a run. Reads the mask file, if there is one. */
  public static SamplePath of(SimmimConfig config) {
    ImageConfig image = config.image();
    return config.finetune().isOn()
        ? new SamplePath(
            image,
            config.finetune().augmentation(image),
            new NoMask(ClassifierTraining.MASK_SIDE),
            config.seed())
        : new SamplePath(
            image,
            new PretrainingAugmentation(image),
            config.mask().strategyFor(image.size()),
            config.seed());
  }

  /** The operator of a job. */
  public ImagePathFunction function(Beside beside) {
    return new ImagePathFunction(limits, augmentation, mask, seed, beside);
  }

  /** The same for one thread, outside a job. */
  public ImagePath open() {
    return new ImagePath(limits, augmentation, mask, seed);
  }
}

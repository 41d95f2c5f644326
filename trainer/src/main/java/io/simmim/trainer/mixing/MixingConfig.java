package io.simmim.trainer.mixing;

import io.simmim.schemas.random.Philox;
import java.io.Serializable;

/**
 * How the images of a batch are mixed with each other: Mixup (Zhang et al., ICLR 2018) and CutMix
 * (Yun et al., ICCV 2019) as timm's mode {@code batch} does it, with one share for all images.
 * Follows timm in distribution, not in its stream of random numbers.
 *
 * @param mixupAlpha both parameters of the beta distribution of Mixup's shares; 0 for no Mixup
 * @param cutmixAlpha the same of CutMix; 0 for no CutMix
 * @param probability of a batch to be mixed, 0 to 1
 * @param switchProbability of CutMix where both are on, 0 to 1
 */
public record MixingConfig(
    double mixupAlpha, double cutmixAlpha, double probability, double switchProbability)
    implements Serializable {
  private static final double LARGEST_ALPHA = 1000;

  public MixingConfig {
    requireAlpha("finetune.mixup", mixupAlpha);
    requireAlpha("finetune.cutmix", cutmixAlpha);
    requireProbability("finetune.mix-probability", probability);
    requireProbability("finetune.cutmix-probability", switchProbability);
  }

  private static void requireAlpha(String name, double alpha) {
    if (!(alpha >= 0 && alpha <= LARGEST_ALPHA)) {
      throw new IllegalArgumentException(
          "%s must be 0 to %.0f: %s".formatted(name, LARGEST_ALPHA, alpha));
    }
  }

  private static void requireProbability(String name, double probability) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException("%s must be 0 to 1: %s".formatted(name, probability));
    }
  }

  /**
   * Draws how a batch is mixed.
   *
   * @param size side S of the images
   * @param random of the purpose MIXING, keyed by the batch
   */
  public BatchMix draw(int size, Philox random) {
    boolean mixes = mixupAlpha > 0 || cutmixAlpha > 0;
    if (!mixes || random.nextDouble() >= probability) {
      return BatchMix.NONE;
    }
    boolean cuts = cutmixAlpha > 0 && (mixupAlpha == 0 || random.nextDouble() < switchProbability);
    if (!cuts) {
      return BatchMix.mixup(BetaDistribution.symmetric(mixupAlpha, random));
    }
    double share = BetaDistribution.symmetric(cutmixAlpha, random);
    int side = (int) (size * Math.sqrt(1 - share));
    int centerY = random.nextInt(size);
    int centerX = random.nextInt(size);
    int top = Math.max(0, centerY - side / 2);
    int left = Math.max(0, centerX - side / 2);
    int bottom = Math.min(size, centerY + (side + 1) / 2);
    int right = Math.min(size, centerX + (side + 1) / 2);
    return BatchMix.cutmix(size, top, left, bottom - top, right - left);
  }
}

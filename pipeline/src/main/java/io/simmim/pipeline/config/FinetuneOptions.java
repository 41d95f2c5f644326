package io.simmim.pipeline.config;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.simmim.operators.image.augment.FinetuningAugmentation;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.image.crop.InterpolationChoice;
import io.simmim.trainer.classification.BatchRecipe;
import io.simmim.trainer.mixing.MixingConfig;
import io.simmim.trainer.mixing.RandomErasing;
import io.simmim.trainer.model.classifier.Pooling;
import java.util.List;
import java.util.Objects;

/**
 * What is particular to a fine-tuning.
 *
 * @param validation what the model is measured on; empty where nothing is fine-tuned
 * @param pooling which of the encoder's features are classified
 * @param layerDecay rate of a layer over that of the next one
 * @param randAugment timm's text, or {@code none}
 * @param interpolation how crops are resized and RandAugment moves pixels
 * @param mixup alpha of Mixup; 0 for none
 * @param cutmix alpha of CutMix; 0 for none
 * @param mixProbability of a micro-batch to be mixed
 * @param cutmixProbability of CutMix where both are on
 * @param labelSmoothing share of the probability that all classes get alike
 * @param eraseProbability of an image to be erased in part
 * @param tables whether each validation writes a table of classes and one of confusions
 */
public record FinetuneOptions(
    List<String> validation,
    Pooling pooling,
    double layerDecay,
    String randAugment,
    InterpolationChoice interpolation,
    double mixup,
    double cutmix,
    double mixProbability,
    double cutmixProbability,
    double labelSmoothing,
    double eraseProbability,
    boolean tables) {
  private static final String NONE = "none";

  public FinetuneOptions {
    validation = List.copyOf(validation);
    Objects.requireNonNull(pooling, "pooling");
    Objects.requireNonNull(interpolation, "interpolation");
    if (validation.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          "finetune.validation must hold URIs that are not empty: " + validation);
    }
    if (!(layerDecay > 0 && layerDecay <= 1)) {
      throw new IllegalArgumentException(
          "finetune.layer-decay must be above 0 and at most 1: " + layerDecay);
    }
  }

  /** Whether this is a fine-tuning at all. */
  @JsonIgnore
  public boolean isOn() {
    return !validation.isEmpty();
  }

  /** What is done to micro-batches. */
  public BatchRecipe recipe() {
    return new BatchRecipe(
        new MixingConfig(mixup, cutmix, mixProbability, cutmixProbability),
        RandomErasing.withProbability(eraseProbability),
        labelSmoothing);
  }

  /** What is done to each image. */
  public FinetuningAugmentation augmentation(ImageConfig image) {
    return new FinetuningAugmentation(
        image, interpolation, NONE.equals(randAugment) ? null : randAugment);
  }
}

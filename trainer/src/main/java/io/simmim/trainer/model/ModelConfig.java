package io.simmim.trainer.model;

import io.simmim.schemas.Normalization;
import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.objective.ModelChoices;
import io.simmim.trainer.model.objective.Objective;
import io.simmim.trainer.model.objective.ObjectiveConfig;
import io.simmim.trainer.model.target.LossArea;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.LossType;
import io.simmim.trainer.model.target.TargetConfig;
import io.simmim.trainer.model.target.TargetType;
import java.io.Serializable;
import java.util.Objects;

/**
 * A model: encoder, objective, head, target and loss, which are independent choices as far as they
 * make sense together.
 *
 * @param imageSize side S of the images in pixels; divisible by the encoder's patch size
 * @param maskSide side G of the masks that come with the images; divides the model-patch grid
 * @param choices the encoder, and how it learns
 * @param recompute whether the backward pass computes activations within blocks anew instead of
 *     keeping them (Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016)
 * @param norms layer norms of a ViT; with any other encoder the official ones
 * @param normalization of the images that it is shown
 */
public record ModelConfig(
    int imageSize,
    int maskSide,
    ModelChoices choices,
    boolean recompute,
    NormConfig norms,
    Normalization normalization)
    implements Serializable {

  public ModelConfig {
    Objects.requireNonNull(norms, "norms");
    Objects.requireNonNull(normalization, "normalization");
    EncoderConfig encoder = choices.encoder();
    TargetConfig target = choices.target();
    LossConfig loss = choices.loss();
    encoder.requireFits(imageSize);
    int grid = imageSize / encoder.patchSize();
    if (maskSide < 1 || grid % maskSide != 0) {
      throw new IllegalArgumentException(
          "the side of the mask grid must divide the model-patch grid %d: %d"
              .formatted(grid, maskSide));
    }
    boolean classifies = target.type() != TargetType.PIXELS;
    if (classifies != (loss.type() == LossType.CROSS_ENTROPY)) {
      throw new IllegalArgumentException(
          "loss.type must be %s with target.type %s: %s"
              .formatted(
                  classifies ? "cross-entropy" : "l1, l2 or smooth-l1",
                  KebabCase.of(target.type()),
                  KebabCase.of(loss.type())));
    }
    if (encoder.stride() % target.downsampling() != 0) {
      throw new IllegalArgumentException(
          "target.downsampling must divide the encoder's cells of %d pixels: %d"
              .formatted(encoder.stride(), target.downsampling()));
    }
    int maskPatch = imageSize / maskSide;
    if (loss.area() == LossArea.MASKED && maskPatch % target.downsampling() != 0) {
      throw new IllegalArgumentException(
          "target.downsampling must divide mask.patch-size %d, or loss.area be full: %d"
              .formatted(maskPatch, target.downsampling()));
    }
    Objective objective = Objective.of(choices.objective());
    objective.requireFits(imageSize, encoder, choices.head(), target, loss);
    if (!norms.equals(NormConfig.OFFICIAL) && encoder.type() != EncoderType.VIT) {
      throw new IllegalArgumentException(
          "only a vit can have layer_norm_eps %s and use_mean_pooling %s: %s"
              .formatted(norms.epsilon(), norms.behindPooling(), KebabCase.of(encoder.type())));
    }
    if (norms.behindPooling() && objective.behind(encoder, imageSize).isPresent()) {
      throw new IllegalArgumentException(
          "use_mean_pooling must be false with %s: true"
              .formatted(KebabCase.of(choices.objective().type())));
    }
  }

  /** A model with the layer norms of the official code, which is shown images as there. */
  public ModelConfig(int imageSize, int maskSide, ModelChoices choices, boolean recompute) {
    this(imageSize, maskSide, choices, recompute, NormConfig.OFFICIAL, Normalization.IMAGENET);
  }

  /** The same with other layer norms. */
  public ModelConfig withNorms(NormConfig others) {
    return new ModelConfig(imageSize, maskSide, choices, recompute, others, normalization);
  }

  /** The same for images that are normalised in another way. */
  public ModelConfig withNormalization(Normalization other) {
    return new ModelConfig(imageSize, maskSide, choices, recompute, norms, other);
  }

  /** SimMIM with its linear head on the raw pixels of masked patches. */
  public static ModelConfig simmim(int imageSize, int maskSide, EncoderConfig encoder) {
    return new ModelConfig(
        imageSize,
        maskSide,
        new ModelChoices(
            ObjectiveConfig.SIMMIM,
            encoder,
            HeadConfig.LINEAR,
            TargetConfig.PIXELS,
            LossConfig.SIMMIM),
        false);
  }

  /** How masked images are learned from. */
  public ObjectiveConfig objective() {
    return choices.objective();
  }

  /** Shape of the encoder. */
  public EncoderConfig encoder() {
    return choices.encoder();
  }

  /** What predicts from features. */
  public HeadConfig head() {
    return choices.head();
  }

  /** What is predicted. */
  public TargetConfig target() {
    return choices.target();
  }

  /** How far off a prediction is. */
  public LossConfig loss() {
    return choices.loss();
  }

  /**
   * Whether masks tell parts of a cell apart: they are finer than cells, or their borders are not
   * among those of the cells.
   */
  boolean masksPartsOfCells() {
    return imageSize / choices.encoder().stride() % maskSide != 0;
  }
}

package io.simmim.trainer.model;

import java.io.Serializable;
import java.util.Locale;
import java.util.Objects;

/**
 * A model: encoder, objective, head, target and loss, which are independent choices as far as they
 * make sense together.
 *
 * @param imageSize side S of the images in pixels; divisible by the encoder's patch size
 * @param maskSide side G of the masks that come with the images; divides the model-patch grid
 * @param objective how masked images are learned from
 * @param encoder shape of the encoder
 * @param head what predicts from features
 * @param target what is predicted
 * @param loss how far off a prediction is
 * @param recompute whether the backward pass computes activations within blocks anew instead of
 *     keeping them (Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016)
 */
public record ModelConfig(
    int imageSize,
    int maskSide,
    ObjectiveConfig objective,
    EncoderConfig encoder,
    HeadConfig head,
    TargetConfig target,
    LossConfig loss,
    boolean recompute)
    implements Serializable {

  /** Side in pixels of the patches that the inverse Swin heads end with. */
  static final int INVERSE_SWIN_PATCH = 4;

  public ModelConfig {
    Objects.requireNonNull(objective, "objective");
    Objects.requireNonNull(encoder, "encoder");
    Objects.requireNonNull(head, "head");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(loss, "loss");
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
                  name(target.type()),
                  name(loss.type())));
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
    if (objective.type() == ObjectiveType.MAE) {
      requireMae(encoder, head, loss);
    } else if (isInverseSwin(head.type())) {
      requireInverseSwin(imageSize, encoder, head, target);
    }
  }

  /** SimMIM with its linear head on the raw pixels of masked patches. */
  public static ModelConfig simmim(int imageSize, int maskSide, EncoderConfig encoder) {
    return new ModelConfig(
        imageSize,
        maskSide,
        ObjectiveConfig.SIMMIM,
        encoder,
        HeadConfig.LINEAR,
        TargetConfig.PIXELS,
        LossConfig.SIMMIM,
        false);
  }

  private static void requireMae(EncoderConfig encoder, HeadConfig head, LossConfig loss) {
    if (encoder.type() != EncoderType.VIT) {
      throw new IllegalArgumentException(
          "objective.type mae needs encoder.type vit, whose patches can be left out: "
              + name(encoder.type()));
    }
    if (head.type() != HeadType.LINEAR) {
      throw new IllegalArgumentException(
          "objective.type mae needs head.type linear behind its decoder: " + name(head.type()));
    }
    if (loss.area() != LossArea.MASKED) {
      throw new IllegalArgumentException(
          "objective.type mae needs loss.area masked: " + name(loss.area()));
    }
    if (encoder.relativePositionBias() != RelativePositionBias.NONE
        || encoder.layerScaleInit() != 0
        || !encoder.absolutePosition()
        || !encoder.qkvBias()) {
      throw new IllegalArgumentException(
          "objective.type mae needs a plain vit: encoder.absolute-position true, encoder.relative-position-bias"
              + " none, encoder.layer-scale-init 0, encoder.qkv-bias true: %s, %s, %s, %s"
                  .formatted(
                      encoder.absolutePosition(),
                      name(encoder.relativePositionBias()),
                      encoder.layerScaleInit(),
                      encoder.qkvBias()));
    }
    if (encoder.embedDim() % 4 != 0) {
      throw new IllegalArgumentException(
          "objective.type mae needs an encoder.embed-dim that is a multiple of 4 (sine-cosine positions): "
              + encoder.embedDim());
    }
  }

  private static void requireInverseSwin(
      int imageSize, EncoderConfig encoder, HeadConfig head, TargetConfig target) {
    if (target.downsampling() > INVERSE_SWIN_PATCH) {
      throw new IllegalArgumentException(
          "target.downsampling must be at most %d with head.type %s, which ends at such patches: %d"
              .formatted(INVERSE_SWIN_PATCH, name(head.type()), target.downsampling()));
    }
    InverseSwinHead.stages(head, imageSize, encoder.stride());
  }

  /** Whether a head is a Swin itself. */
  public static boolean isInverseSwin(HeadType type) {
    return type == HeadType.INVERSE_SWIN_TINY || type == HeadType.INVERSE_SWIN_BASE;
  }

  /**
   * Whether masks tell parts of a cell apart: they are finer than cells, or their borders are not
   * among those of the cells.
   */
  boolean masksPartsOfCells() {
    return imageSize / encoder.stride() % maskSide != 0;
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

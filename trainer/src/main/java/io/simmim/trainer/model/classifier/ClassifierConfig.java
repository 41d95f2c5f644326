package io.simmim.trainer.model.classifier;

import io.simmim.schemas.Normalization;
import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import java.io.Serializable;
import java.util.Objects;

/**
 * A classifier as the official fine-tuning code has them.
 *
 * @param imageSize side S of the images in pixels; divisible by the encoder's patch size
 * @param encoder shape of the encoder
 * @param pooling which of its features are looked at
 * @param classes number of classes C, at least 1
 * @param recompute whether the backward pass computes activations within blocks anew
 * @param normalization of the images that it is shown
 */
public record ClassifierConfig(
    int imageSize,
    EncoderConfig encoder,
    Pooling pooling,
    int classes,
    boolean recompute,
    Normalization normalization)
    implements Serializable {
  /** As many as a table of labels may have. */
  public static final int MOST_CLASSES = 100_000;

  public ClassifierConfig {
    Objects.requireNonNull(encoder, "encoder");
    Objects.requireNonNull(pooling, "pooling");
    Objects.requireNonNull(normalization, "normalization");
    encoder.requireFits(imageSize);
    if (classes < 1 || classes > MOST_CLASSES) {
      throw new IllegalArgumentException(
          "the number of classes must be 1 to %,d: %,d".formatted(MOST_CLASSES, classes));
    }
    requireFits(encoder, pooling);
  }

  /** A classifier that is shown images as in the official code. */
  public ClassifierConfig(
      int imageSize, EncoderConfig encoder, Pooling pooling, int classes, boolean recompute) {
    this(imageSize, encoder, pooling, classes, recompute, Normalization.IMAGENET);
  }

  /** The same for images that are normalised in another way. */
  public ClassifierConfig withNormalization(Normalization other) {
    return new ClassifierConfig(imageSize, encoder, pooling, classes, recompute, other);
  }

  /**
   * Checks that an encoder can be fine-tuned.
   *
   * @throws IllegalArgumentException if not, with what can
   */
  public static void requireFits(EncoderConfig encoder, Pooling pooling) {
    if (encoder.type() == EncoderType.RESNET) {
      throw new IllegalArgumentException(
          "encoder.type of a fine-tuning must be vit, swin or swinv2: resnet");
    }
    if (pooling == Pooling.CLASS_TOKEN && encoder.type() != EncoderType.VIT) {
      throw new IllegalArgumentException(
          "finetune.pooling must be mean with %s, which has no class token: class-token"
              .formatted(KebabCase.of(encoder.type())));
    }
  }

  /** Whether a norm behind the mean takes the place of the encoder's last one. */
  public boolean normsMean() {
    return encoder.type() == EncoderType.VIT && pooling == Pooling.MEAN;
  }
}

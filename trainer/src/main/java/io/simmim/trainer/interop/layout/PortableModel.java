package io.simmim.trainer.interop.layout;

import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import java.util.Objects;
import java.util.Optional;

/**
 * A model that goes from one layout to another. Its official names are those of a model that is
 * pre-trained; a classifier has {@code head.weight} and {@code head.bias} behind the same encoder,
 * and no head for pixels. One of a library may be the encoder alone.
 *
 * @param model the encoder, and the head for pixels where there is one
 * @param head the classifier, if it is one
 * @param maskToken whether there is a mask token
 * @param pixelHead whether there is a head for pixels
 */
public record PortableModel(
    ModelConfig model, Optional<ClassifierHead> head, boolean maskToken, boolean pixelHead) {
  public PortableModel {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(head, "head");
  }

  /** With a mask token, and with a head for pixels unless it is a classifier. */
  public PortableModel(ModelConfig model, Optional<ClassifierHead> head) {
    this(model, head, true, head.isEmpty());
  }

  /** The same as far as it is there. */
  public PortableModel with(boolean foundMaskToken, boolean foundPixelHead) {
    return new PortableModel(model, head, foundMaskToken, foundPixelHead && !isClassifier());
  }

  /** Shape of the encoder. */
  public EncoderConfig encoder() {
    return model.encoder();
  }

  /** Whether it tells classes, and no pixels. */
  public boolean isClassifier() {
    return head.isPresent();
  }

  /** Width C of what a classifier looks at. */
  public int featureWidth() {
    EncoderConfig encoder = model.encoder();
    int width = encoder.embedDim() << (encoder.depth().size() - 1);
    return encoder.type() == EncoderType.RESNET ? EncoderShapes.RESNET_EXPANSION * width : width;
  }
}

package io.simmim.trainer.interop.huggingface;

import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.head.HeadType;
import io.simmim.trainer.model.target.TargetType;
import java.util.Optional;

/** What the heads of transformers' models for masked images can say. */
final class ForeignHeads {
  private ForeignHeads() {}

  /** Why a class with one linear layer over pixels cannot represent the head of a model. */
  static Optional<String> obstacle(String architecture, PortableModel portable) {
    if (!portable.pixelHead()) {
      return Optional.empty();
    }
    ModelConfig model = portable.model();
    if (model.head().type() != HeadType.LINEAR) {
      return Optional.of(
          "%s predicts by one linear layer, this model by head.type %s"
              .formatted(architecture, KebabCase.of(model.head().type())));
    }
    if (model.target().type() != TargetType.PIXELS) {
      return Optional.of(
          "%s predicts pixels, this model target.type %s"
              .formatted(architecture, KebabCase.of(model.target().type())));
    }
    if (model.target().downsampling() != 1) {
      return Optional.of(
          "%s predicts every pixel, this model has target.downsampling %d"
              .formatted(architecture, model.target().downsampling()));
    }
    return Optional.empty();
  }
}

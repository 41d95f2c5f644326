package io.simmim.trainer.interop;

import io.simmim.trainer.model.encoder.EncoderType;
import java.util.List;

/** The layouts that are known. */
final class ForeignKinds {
  private ForeignKinds() {}

  static List<ForeignKind> of(Library library) {
    return switch (library) {
      case HUGGINGFACE ->
          List.of(
              HuggingFaceVit.VIT,
              HuggingFaceVit.BEIT,
              HuggingFaceVit.DINOV2,
              new HuggingFaceSwin(EncoderType.SWIN),
              new HuggingFaceSwin(EncoderType.SWINV2),
              HuggingFaceMae.MAE,
              HuggingFaceMae.NEWER,
              new HuggingFaceResNet());
      case TIMM ->
          List.of(
              TimmVit.VIT,
              TimmVit.BEIT,
              new TimmSwin(EncoderType.SWIN),
              new TimmSwin(EncoderType.SWINV2),
              new TimmResNet());
    };
  }
}

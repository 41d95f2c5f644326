package io.simmim.trainer.interop;

import io.simmim.trainer.interop.huggingface.HuggingFaceMae;
import io.simmim.trainer.interop.huggingface.HuggingFaceResNet;
import io.simmim.trainer.interop.huggingface.HuggingFaceSwin;
import io.simmim.trainer.interop.huggingface.HuggingFaceVit;
import io.simmim.trainer.interop.layout.ForeignKind;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.interop.timm.TimmResNet;
import io.simmim.trainer.interop.timm.TimmSwin;
import io.simmim.trainer.interop.timm.TimmSwin.Merging;
import io.simmim.trainer.interop.timm.TimmVit;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.objective.ObjectiveType;
import java.util.List;

/** The layouts that are known. */
public final class ForeignKinds {
  private ForeignKinds() {}

  /** All layouts of a library that are read. */
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
              new TimmSwin(EncoderType.SWIN, Merging.AS_LOADED),
              new TimmSwin(EncoderType.SWIN, Merging.AS_SAVED),
              new TimmSwin(EncoderType.SWINV2, Merging.AS_LOADED),
              new TimmSwin(EncoderType.SWINV2, Merging.AS_SAVED),
              new TimmResNet());
      case SIMMIM -> List.of(new OfficialClassifier());
    };
  }

  /** How a library lays out models like this one, whether or not it can represent all of it. */
  static ForeignKind of(Library library, PortableModel portable) {
    if (library == Library.SIMMIM) {
      return new OfficialClassifier();
    }
    ModelConfig model = portable.model();
    EncoderConfig encoder = model.encoder();
    boolean mae = model.objective().type() == ObjectiveType.MAE;
    boolean hugging = library == Library.HUGGINGFACE;
    return switch (encoder.type()) {
      case VIT -> {
        if (mae) {
          yield hugging ? HuggingFaceMae.MAE : TimmVit.MAE;
        }
        if (encoder.absolutePosition()
            && encoder.relativePositionBias() == RelativePositionBias.NONE) {
          boolean plain = encoder.layerScaleInit() == 0 && !model.norms().behindPooling();
          yield hugging ? (plain ? HuggingFaceVit.VIT : HuggingFaceVit.BEIT) : TimmVit.VIT;
        }
        yield hugging ? HuggingFaceVit.BEIT : TimmVit.BEIT;
      }
      case SWIN, SWINV2 ->
          hugging
              ? new HuggingFaceSwin(encoder.type())
              : new TimmSwin(encoder.type(), Merging.AS_LOADED);
      case RESNET -> hugging ? new HuggingFaceResNet() : new TimmResNet();
    };
  }
}

package io.simmim.trainer.interop;

import io.simmim.schemas.text.KebabCase;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.objective.ObjectiveType;
import java.util.List;

/** A library that weights go to and come from. */
public enum Library {
  /** Hugging Face transformers. */
  HUGGINGFACE("transformers"),
  /** PyTorch Image Models. */
  TIMM("timm");

  private final String title;

  Library(String title) {
    this.title = title;
  }

  /** Its name, as it is imported in Python and as a model card has it. */
  public String title() {
    return title;
  }

  /** Its value of {@code --format}. */
  public String formatName() {
    return KebabCase.of(this);
  }

  /** How the library lays out models like this one, whether or not it can represent all of it. */
  ForeignKind kindOf(ModelConfig model) {
    EncoderConfig encoder = model.encoder();
    boolean mae = model.objective().type() == ObjectiveType.MAE;
    boolean hugging = this == HUGGINGFACE;
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
          hugging ? new HuggingFaceSwin(encoder.type()) : new TimmSwin(encoder.type());
      case RESNET -> hugging ? new HuggingFaceResNet() : new TimmResNet();
    };
  }

  /** All layouts of the library that are read. */
  List<ForeignKind> kinds() {
    return ForeignKinds.of(this);
  }
}

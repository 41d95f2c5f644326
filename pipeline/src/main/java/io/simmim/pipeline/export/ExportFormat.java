package io.simmim.pipeline.export;

import io.simmim.trainer.interop.layout.Library;
import java.util.Optional;

/** Layouts that a model is written in. */
public enum ExportFormat {
  /** Ours: official names. */
  SIMMIM,
  /** That of transformers. */
  HUGGINGFACE,
  /** That of timm. */
  TIMM;

  /**
   * Whose layout it is.
   *
   * @return nothing for that of a model that is pre-trained here
   */
  Optional<Library> library(boolean classifier) {
    return switch (this) {
      case SIMMIM -> classifier ? Optional.of(Library.SIMMIM) : Optional.empty();
      case HUGGINGFACE -> Optional.of(Library.HUGGINGFACE);
      case TIMM -> Optional.of(Library.TIMM);
    };
  }
}

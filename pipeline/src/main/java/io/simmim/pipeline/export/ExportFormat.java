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

  /** The library that reads it, if there is one. */
  Optional<Library> library() {
    return switch (this) {
      case SIMMIM -> Optional.empty();
      case HUGGINGFACE -> Optional.of(Library.HUGGINGFACE);
      case TIMM -> Optional.of(Library.TIMM);
    };
  }
}

package io.simmim.trainer.interop.layout;

import io.simmim.schemas.text.KebabCase;

/** Whose layout weights go to and come from. */
public enum Library {
  /** Hugging Face transformers. */
  HUGGINGFACE("transformers"),
  /** PyTorch Image Models. */
  TIMM("timm"),
  /** This project and the official fine-tuning code, of classifiers. */
  SIMMIM("simmim");

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
}

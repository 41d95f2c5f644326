package io.simmim.trainer.model.classifier;

/** Which of an encoder's features a classifier looks at. */
public enum Pooling {
  /** The mean of all cells; of a ViT with a norm behind it. */
  MEAN,
  /** The class token of a ViT. */
  CLASS_TOKEN
}

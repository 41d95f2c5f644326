package io.simmim.trainer.model;

/** Architecture of the encoder. */
public enum EncoderType {
  /** Vision Transformer with the changes that SimMIM and BEiT make to it. */
  VIT
}

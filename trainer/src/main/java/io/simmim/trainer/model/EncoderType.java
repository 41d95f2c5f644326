package io.simmim.trainer.model;

/** Architecture of the encoder. */
public enum EncoderType {
  /** Vision Transformer with the changes that SimMIM and BEiT make to it. */
  VIT,

  /** Swin Transformer (Liu et al., ICCV 2021). */
  SWIN,

  /** Swin Transformer V2 (Liu et al., CVPR 2022). */
  SWINV2;

  /** Whether it has stages of growing width and falling resolution, and attention in windows. */
  public boolean isHierarchical() {
    return this != VIT;
  }
}

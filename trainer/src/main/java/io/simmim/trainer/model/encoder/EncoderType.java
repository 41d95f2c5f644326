package io.simmim.trainer.model.encoder;

/** Architecture of the encoder. */
public enum EncoderType {
  /** Vision Transformer with the changes that SimMIM and BEiT make to it. */
  VIT,

  /** Swin Transformer (Liu et al., ICCV 2021). */
  SWIN,

  /** Swin Transformer V2 (Liu et al., CVPR 2022). */
  SWINV2,

  /** Residual network with bottleneck blocks (He et al., CVPR 2016). */
  RESNET;

  /** Whether it has stages of growing width and falling resolution. */
  public boolean isHierarchical() {
    return this != VIT;
  }

  /** Whether attention works in windows. */
  public boolean hasWindows() {
    return this == SWIN || this == SWINV2;
  }
}

package io.simmim.trainer.model.encoder;

/**
 * Which parameters an encoder has, and how they are called.
 *
 * @param root what every name begins with
 * @param hasMaskToken whether it may stand in for patches that are masked
 * @param hasLastNorm whether a norm follows its last block
 */
record EncoderParts(String root, boolean hasMaskToken, boolean hasLastNorm) {
  /** Those of an encoder that is pre-trained. */
  static final EncoderParts MASKED = new EncoderParts("encoder.", true, true);
}

package io.simmim.trainer.torch;

/**
 * Arithmetic of the forward and backward pass. Parameters, moments and gradients are always fp32.
 */
public enum Precision {
  /** Everything in 32-bit floats. */
  FP32,
  /** Matrix products and attention in bfloat16; residual stream, norms and loss in fp32. */
  BF16
}

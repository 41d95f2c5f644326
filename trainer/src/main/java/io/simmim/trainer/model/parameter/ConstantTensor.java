package io.simmim.trainer.model.parameter;

/** A one-dimensional tensor that a model's source reads and training never changes. */
public sealed interface ConstantTensor {
  /** Of type int64, such as indices. */
  record Integers(long[] values) implements ConstantTensor {}

  /** Of type fp32. */
  record Floats(float[] values) implements ConstantTensor {}
}

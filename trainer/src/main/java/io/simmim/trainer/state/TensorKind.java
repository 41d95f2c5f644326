package io.simmim.trainer.state;

/** Tensors of a training that there is one of for each parameter. */
public enum TensorKind {
  /** The parameters themselves. */
  WEIGHTS,
  /** What was accumulated since the last update, before clipping. */
  GRADIENTS
}

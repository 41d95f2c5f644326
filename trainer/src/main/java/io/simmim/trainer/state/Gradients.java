package io.simmim.trainer.state;

/** Whether a snapshot holds the gradients accumulated since the last update. */
public enum Gradients {
  /** For a checkpoint: training continues from it inside an accumulation. */
  KEEP,
  /** For an export. */
  NONE
}

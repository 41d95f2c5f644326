package io.simmim.trainer.model.objective;

/** What an encoder sees of a masked image, and what turns its features into a prediction. */
public enum ObjectiveType {
  /** Xie et al., CVPR 2022: a mask token in place of masked patches; a head on the encoder. */
  SIMMIM,
  /** He et al., CVPR 2022: visible patches only; a transformer decoder gets the mask tokens. */
  MAE
}

package io.simmim.trainer.model.target;

/** Which pixels the loss is the mean of (Xie et al., CVPR 2022, table 4). */
public enum LossArea {
  /** The masked ones: prediction. */
  MASKED,

  /** All: prediction and reconstruction. */
  FULL
}

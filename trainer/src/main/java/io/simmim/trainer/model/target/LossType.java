package io.simmim.trainer.model.target;

/** How a prediction differs from its target (Xie et al., CVPR 2022, section 4.1.4). */
public enum LossType {
  /** Absolute difference: SimMIM's. */
  L1,

  /** Squared difference. */
  L2,

  /** Half the squared difference up to 1, beyond it the absolute difference less one half. */
  SMOOTH_L1,

  /** Of a distribution over colour bins or clusters. */
  CROSS_ENTROPY
}

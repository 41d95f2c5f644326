package io.simmim.trainer.model.target;

/** What is predicted of a pixel (Xie et al., CVPR 2022, sections 3.4 and 4.1.4). */
public enum TargetType {
  /** Its three channels. */
  PIXELS,

  /** For each channel, which of equal ranges its value is in. */
  BINS,

  /** Which of some colours is nearest. */
  CLUSTERS
}

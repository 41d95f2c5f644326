package io.simmim.operators.image.mask;

/** The mask strategies of the paper's section 3.2, and fixed masks. */
public enum MaskType {
  RANDOM,
  SQUARE,
  BLOCK,
  FILE
}

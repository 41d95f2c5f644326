package io.simmim.operators.image;

/** Where the region of {@link MaskType#SQUARE} is. */
public enum SquarePlace {
  /** Anywhere that it fits, each place equally likely. */
  RANDOM,
  /** In the middle of every image. */
  CENTRAL
}

package io.simmim.operators.image.mask;

/** Where the region of {@link MaskType#SQUARE} is. */
public enum SquarePlace {
  /** Anywhere that it fits, each place equally likely. */
  RANDOM,
  /**
   * In the middle of every image; half a patch up and left of it where the grid's side and the
   * region's differ by an odd number.
   */
  CENTRAL
}

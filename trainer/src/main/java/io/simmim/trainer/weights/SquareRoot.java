package io.simmim.trainer.weights;

/**
 * Sides of squares. Larger ones than of any model are none: what is resampled is held in memory.
 */
final class SquareRoot {
  private static final int LARGEST_SIDE = 255;

  private SquareRoot() {}

  /** The side of a square of so many cells; 0 if there is none. */
  static int of(long cells) {
    if (cells < 1 || cells > LARGEST_SIDE * LARGEST_SIDE) {
      return 0;
    }
    int side = (int) Math.round(Math.sqrt((double) cells));
    return (long) side * side == cells ? side : 0;
  }
}

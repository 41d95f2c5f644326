package io.simmim.trainer.weights;

/** Sides of squares. */
final class SquareRoot {
  private SquareRoot() {}

  /** The side of a square of so many cells; 0 if there is none. */
  static int of(long cells) {
    if (cells < 1) {
      return 0;
    }
    int side = (int) Math.round(Math.sqrt((double) cells));
    return (long) side * side == cells ? side : 0;
  }
}

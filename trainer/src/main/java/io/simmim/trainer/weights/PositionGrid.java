package io.simmim.trainer.weights;

import java.util.List;
import java.util.Optional;

/**
 * Embeddings of the cells of a square grid, (1, extra + side², C), resampled bicubically as the
 * official code of SimMIM and MAE does: {@code interpolate} of PyTorch, corners not aligned,
 * without antialiasing, computed here in float64. Extra rows before them (the class token's) are
 * copied.
 *
 * @param from side of the grid that there is
 * @param to side of the grid that is wanted
 * @param extra rows that belong to no cell
 * @param width C
 */
record PositionGrid(int from, int to, int extra, int width) implements Resampling {
  /** Of the cubic convolution (Keys 1981), as in PyTorch. */
  private static final double A = -0.75;

  private static final int TAPS = 4;

  static Optional<PositionGrid> between(List<Long> found, List<Long> wanted) {
    if (found.size() != 3
        || wanted.size() != 3
        || found.get(0) != 1
        || wanted.get(0) != 1
        || !found.get(2).equals(wanted.get(2))) {
      return Optional.empty();
    }
    for (int extra = 0; extra <= 1; extra++) {
      int from = SquareRoot.of(found.get(1) - extra);
      int to = SquareRoot.of(wanted.get(1) - extra);
      if (from > 0 && to > 0) {
        return Optional.of(new PositionGrid(from, to, extra, Math.toIntExact(found.get(2))));
      }
    }
    return Optional.empty();
  }

  @Override
  public float[] apply(float[] values) {
    double[] rows = new double[to * from * width];
    float[] result = new float[(extra + to * to) * width];
    System.arraycopy(values, 0, result, 0, extra * width);
    for (int y = 0; y < to; y++) {
      double[] weights = weights(y);
      for (int x = 0; x < from; x++) {
        for (int c = 0; c < width; c++) {
          double sum = 0;
          for (int tap = 0; tap < TAPS; tap++) {
            sum += weights[tap] * values[(extra + source(y, tap) * from + x) * width + c];
          }
          rows[(y * from + x) * width + c] = sum;
        }
      }
    }
    for (int y = 0; y < to; y++) {
      for (int x = 0; x < to; x++) {
        double[] weights = weights(x);
        for (int c = 0; c < width; c++) {
          double sum = 0;
          for (int tap = 0; tap < TAPS; tap++) {
            sum += weights[tap] * rows[(y * from + source(x, tap)) * width + c];
          }
          result[(extra + y * to + x) * width + c] = (float) sum;
        }
      }
    }
    return result;
  }

  /** Where the centre of a cell lies in the grid that there is. */
  private double place(int cell) {
    return (cell + 0.5) * from / to - 0.5;
  }

  private int source(int cell, int tap) {
    int at = (int) Math.floor(place(cell)) - 1 + tap;
    return Math.max(0, Math.min(from - 1, at));
  }

  private double[] weights(int cell) {
    double behind = place(cell) - Math.floor(place(cell));
    return new double[] {
      outer(behind + 1), inner(behind), inner(1 - behind), outer(2 - behind),
    };
  }

  private static double inner(double distance) {
    return ((A + 2) * distance - (A + 3)) * distance * distance + 1;
  }

  private static double outer(double distance) {
    return ((A * distance - 5 * A) * distance + 8 * A) * distance - 4 * A;
  }

  @Override
  public String text() {
    return "positions from %d x %d to %d x %d".formatted(from, from, to, to);
  }
}

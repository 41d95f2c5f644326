package io.simmim.trainer.weights;

import java.util.List;
import java.util.Optional;

/**
 * A table of biases by relative position, (side² + extra, heads) with an odd side, for another
 * window, as the official fine-tuning code does ({@code remap_pretrained_keys} of SimMIM, which has
 * it from BEiT): distances of the table that there is are taken to grow geometrically up to those
 * that are wanted, a cubic spline goes through all points, and positions beyond are clamped. Extra
 * rows behind the table (the class token's) are copied.
 *
 * @param from side of the table that there is
 * @param to side of the table that is wanted
 * @param extra rows that belong to no distance
 * @param heads columns
 */
record BiasTable(int from, int to, int extra, int heads) implements Resampling {
  /** Rows of a vit's class token. */
  private static final int TOKEN_ROWS = 3;

  private static final double LEAST_RATIO = 1.01;
  private static final double LARGEST_RATIO = 1.5;
  private static final double RATIO_PRECISION = 1e-6;

  static Optional<BiasTable> between(List<Long> found, List<Long> wanted) {
    if (found.size() != 2 || wanted.size() != 2 || !found.get(1).equals(wanted.get(1))) {
      return Optional.empty();
    }
    for (int extra : new int[] {0, TOKEN_ROWS}) {
      int from = SquareRoot.of(found.get(0) - extra);
      int to = SquareRoot.of(wanted.get(0) - extra);
      if (from % 2 == 1 && to % 2 == 1) {
        return Optional.of(new BiasTable(from, to, extra, Math.toIntExact(found.get(1))));
      }
    }
    return Optional.empty();
  }

  @Override
  public float[] apply(float[] values) {
    CubicSpline spline = new CubicSpline(distances());
    int middle = to / 2;
    double[] places = new double[to];
    for (int i = 0; i < to; i++) {
      places[i] = i - middle;
    }
    float[] result = new float[(to * to + extra) * heads];
    for (int head = 0; head < heads; head++) {
      double[][] table = new double[from][from];
      for (int i = 0; i < from * from; i++) {
        table[i / from][i % from] = values[i * heads + head];
      }
      // Along the rows, then along the columns: the spline of two variables is a product.
      double[][] columns = transposed(spline.through(table, places));
      double[][] resampled = transposed(spline.through(columns, places));
      for (int i = 0; i < to * to; i++) {
        result[i * heads + head] = (float) resampled[i / to][i % to];
      }
    }
    System.arraycopy(values, from * from * heads, result, to * to * heads, extra * heads);
    return result;
  }

  private static double[][] transposed(double[][] table) {
    double[][] result = new double[table[0].length][table.length];
    for (int i = 0; i < table.length; i++) {
      for (int j = 0; j < table[i].length; j++) {
        result[j][i] = table[i][j];
      }
    }
    return result;
  }

  /** Where the points of the table lie, in cells of the wanted one. */
  private double[] distances() {
    double ratio = ratio();
    int middle = from / 2;
    double[] places = new double[from];
    double distance = 1;
    for (int i = 1; i <= middle; i++) {
      places[middle + i] = distance;
      places[middle - i] = -distance;
      distance += StrictMath.pow(ratio, i);
    }
    return places;
  }

  /** The ratio that makes the largest distance the wanted one, by bisection. */
  double ratio() {
    int points = from / 2;
    int wanted = to / 2;
    double least = LEAST_RATIO;
    double largest = LARGEST_RATIO;
    double ratio = least;
    while (largest - least > RATIO_PRECISION) {
      ratio = (least + largest) / 2;
      double reach = (1 - StrictMath.pow(ratio, points)) / (1 - ratio);
      if (reach > wanted) {
        largest = ratio;
      } else {
        least = ratio;
      }
    }
    return ratio;
  }

  @Override
  public String text() {
    return "biases of %d x %d relative positions to %d x %d".formatted(from, from, to, to);
  }
}

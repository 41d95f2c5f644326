package io.simmim.trainer.weights;

import java.util.Arrays;

/**
 * Cubic splines through points, with continuous third derivatives at the second and the last but
 * one (<em>not-a-knot</em>), as FITPACK interpolates (Dierckx 1993, section 4.2.1). Through three
 * points goes a parabola, through one a constant. Beyond the points it stays at the value of the
 * outermost.
 */
final class CubicSpline {
  private final double[] x;

  /**
   * @param x places of the points, ascending: one, three or more
   */
  CubicSpline(double[] x) {
    this.x = x.clone();
  }

  /** The values at some places of the splines through each row of points. */
  double[][] through(double[][] rows, double[] places) {
    double[][] result = new double[rows.length][places.length];
    for (int row = 0; row < rows.length; row++) {
      double[] curvature = curvature(rows[row]);
      for (int i = 0; i < places.length; i++) {
        result[row][i] = value(rows[row], curvature, places[i]);
      }
    }
    return result;
  }

  private double value(double[] y, double[] curvature, double place) {
    int n = x.length;
    double at = Math.max(x[0], Math.min(x[n - 1], place));
    if (n == 1) {
      return y[0];
    }
    int i = 0;
    while (i < n - 2 && at > x[i + 1]) {
      i++;
    }
    double h = x[i + 1] - x[i];
    double a = (x[i + 1] - at) / h;
    double b = (at - x[i]) / h;
    return a * y[i]
        + b * y[i + 1]
        + ((a * a * a - a) * curvature[i] + (b * b * b - b) * curvature[i + 1]) * h * h / 6;
  }

  /** The second derivatives at the points. */
  private double[] curvature(double[] y) {
    int n = x.length;
    double[] result = new double[n];
    if (n < 3) {
      return result;
    }
    if (n == 3) {
      double bend = 2 * (slope(y, 1) - slope(y, 0)) / (x[2] - x[0]);
      Arrays.fill(result, bend);
      return result;
    }
    // One equation for each inner point; the outermost curvatures follow from the two next to them.
    double[] below = new double[n];
    double[] diagonal = new double[n];
    double[] above = new double[n];
    double[] right = new double[n];
    for (int i = 1; i < n - 1; i++) {
      below[i] = step(i - 1);
      diagonal[i] = 2 * (step(i - 1) + step(i));
      above[i] = step(i);
      right[i] = 6 * (slope(y, i) - slope(y, i - 1));
    }
    double first = step(0) / step(1);
    double last = step(n - 2) / step(n - 3);
    diagonal[1] += below[1] * (1 + first);
    above[1] -= below[1] * first;
    diagonal[n - 2] += above[n - 2] * (1 + last);
    below[n - 2] -= above[n - 2] * last;
    for (int i = 2; i < n - 1; i++) {
      double factor = below[i] / diagonal[i - 1];
      diagonal[i] -= factor * above[i - 1];
      right[i] -= factor * right[i - 1];
    }
    result[n - 2] = right[n - 2] / diagonal[n - 2];
    for (int i = n - 3; i > 0; i--) {
      result[i] = (right[i] - above[i] * result[i + 1]) / diagonal[i];
    }
    result[0] = (1 + first) * result[1] - first * result[2];
    result[n - 1] = (1 + last) * result[n - 2] - last * result[n - 3];
    return result;
  }

  private double step(int i) {
    return x[i + 1] - x[i];
  }

  private double slope(double[] y, int i) {
    return (y[i + 1] - y[i]) / step(i);
  }
}

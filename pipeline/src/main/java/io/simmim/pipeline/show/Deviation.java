package io.simmim.pipeline.show;

import java.util.Arrays;

/**
 * How a value stands to those before it.
 *
 * @param usual their median
 * @param deviations how far the value is above it, in standard deviations as the median absolute
 *     deviation estimates them; neither a few outliers nor a slow trend change that much
 */
record Deviation(double value, double usual, double deviations) {
  /** Of a normal distribution, over its median absolute deviation. */
  private static final double NORMAL = 1.4826;

  /** Where values hardly differ, no smaller share of the median counts as a deviation. */
  private static final double LEAST_SHARE = 1e-3;

  /**
   * Compares a value of a series with those before it.
   *
   * @param window how many, at most
   */
  static Deviation at(double[] series, int index, int window) {
    double[] before =
        Arrays.stream(series, Math.max(0, index - window), index)
            .filter(Double::isFinite)
            .toArray();
    double value = series[index];
    if (before.length == 0 || !Double.isFinite(value)) {
      return new Deviation(value, Double.NaN, 0);
    }
    double usual = median(before);
    double[] distances = Arrays.stream(before).map(x -> Math.abs(x - usual)).toArray();
    double scale = Math.max(NORMAL * median(distances), LEAST_SHARE * Math.abs(usual));
    return new Deviation(value, usual, scale > 0 ? (value - usual) / scale : 0);
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int half = values.length / 2;
    return values.length % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  }
}

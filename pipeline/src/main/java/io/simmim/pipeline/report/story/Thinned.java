package io.simmim.pipeline.report.story;

import java.util.List;

/**
 * Numbers against steps, for a chart that is less wide than there are steps.
 *
 * @param width consecutive steps that a column stands for
 * @param columns in their order; steps without a number have none
 * @param last the last number; NaN if there is none
 * @param notNumbers how many were NaN or infinite
 * @param firstNotNumber step of the first of these, or 0
 */
public record Thinned(
    long width, List<Column> columns, double last, long notNumbers, long firstNotNumber) {
  public Thinned {
    columns = List.copyOf(columns);
  }

  /**
   * The numbers of some consecutive steps.
   *
   * @param leastAt step of the least one
   * @param mostAt step of the greatest one
   * @param sum of all
   * @param count how many there are, at least 1
   */
  public record Column(
      long leastAt, double least, long mostAt, double most, double sum, long count) {
    static Column of(long step, double value) {
      return new Column(step, value, step, value, value, 1);
    }

    Column with(Column later) {
      boolean lower = later.least < least;
      boolean higher = later.most > most;
      return new Column(
          lower ? later.leastAt : leastAt,
          lower ? later.least : least,
          higher ? later.mostAt : mostAt,
          higher ? later.most : most,
          sum + later.sum,
          count + later.count);
    }

    /** Mean of the numbers. */
    public double mean() {
      return sum / count;
    }

    /** A step in the middle of what is known of it. */
    public double middle() {
      return (leastAt + mostAt) / 2.0;
    }
  }

  /** Whether there is no number. */
  public boolean isEmpty() {
    return columns.isEmpty();
  }

  /** The least number; NaN if there is none. */
  public double least() {
    return columns.stream().mapToDouble(Column::least).min().orElse(Double.NaN);
  }

  /** The greatest number; NaN if there is none. */
  public double most() {
    return columns.stream().mapToDouble(Column::most).max().orElse(Double.NaN);
  }

  /**
   * Mean of the numbers of the first columns; NaN if there is none.
   *
   * @param most so many columns, or all if there are fewer
   */
  public double meanOfFirst(int most) {
    return mean(columns.subList(0, Math.min(most, columns.size())));
  }

  /**
   * Mean of the numbers of the last columns; NaN if there is none.
   *
   * @param most so many columns, or all if there are fewer
   */
  public double meanOfLast(int most) {
    return mean(columns.subList(Math.max(0, columns.size() - most), columns.size()));
  }

  /**
   * Means around each column, of as many columns before it as after it.
   *
   * @param columnsAround on each side, fewer at both ends
   */
  public double[] smoothed(int columnsAround) {
    double[] means = new double[columns.size()];
    for (int i = 0; i < means.length; i++) {
      int reach = Math.min(columnsAround, Math.min(i, means.length - 1 - i));
      means[i] = mean(columns.subList(i - reach, i + reach + 1));
    }
    return means;
  }

  private static double mean(List<Column> some) {
    double sum = 0;
    long count = 0;
    for (Column column : some) {
      sum += column.sum();
      count += column.count();
    }
    return sum / count;
  }
}

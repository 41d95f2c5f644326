package io.simmim.pipeline.report.story;

import io.simmim.pipeline.report.story.Thinned.Column;
import java.util.Arrays;
import java.util.Objects;

/**
 * Thins out numbers as they come, without knowing how many will: a column stands for one step at
 * first, and for twice as many whenever there would be too many columns. Extremes stay.
 */
final class Thinning {
  /** About as many as a chart has pixels. */
  static final int MOST_COLUMNS = 512;

  private final Column[] columns = new Column[MOST_COLUMNS];
  private long first;
  private long width = 1;
  private double last = Double.NaN;
  private long notNumbers;
  private long firstNotNumber;

  /**
   * Takes the next number.
   *
   * @param step above that of the one before
   */
  void add(long step, double value) {
    if (first == 0) {
      first = step;
    }
    last = value;
    if (!Double.isFinite(value)) {
      firstNotNumber = notNumbers++ == 0 ? step : firstNotNumber;
      return;
    }
    while ((step - first) / width >= MOST_COLUMNS) {
      halve();
    }
    int place = (int) ((step - first) / width);
    columns[place] = joined(columns[place], Column.of(step, value));
  }

  private void halve() {
    for (int i = 0; i < MOST_COLUMNS / 2; i++) {
      columns[i] = joined(columns[2 * i], columns[2 * i + 1]);
    }
    Arrays.fill(columns, MOST_COLUMNS / 2, MOST_COLUMNS, null);
    width *= 2;
  }

  private static Column joined(Column earlier, Column later) {
    return earlier == null ? later : later == null ? earlier : earlier.with(later);
  }

  Thinned result() {
    return new Thinned(
        width,
        Arrays.stream(columns).filter(Objects::nonNull).toList(),
        last,
        notNumbers,
        firstNotNumber);
  }
}

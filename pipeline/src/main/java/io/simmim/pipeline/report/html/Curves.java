package io.simmim.pipeline.report.html;

import io.simmim.pipeline.chart.Series;
import io.simmim.pipeline.chart.Series.Point;
import io.simmim.pipeline.chart.Series.Style;
import io.simmim.pipeline.report.story.Thinned;
import io.simmim.pipeline.report.story.Thinned.Column;
import java.util.ArrayList;
import java.util.List;

/** Numbers against steps as lines of a chart. */
final class Curves {
  /** So much of the run is averaged for a smooth line, on each side. */
  private static final double SMOOTHING = 0.025;

  private Curves() {}

  /** Means that tell the course of noisy numbers; at both ends of fewer and fewer of them. */
  private static double[] smoothed(Thinned numbers) {
    return numbers.smoothed(reach(numbers));
  }

  private static int reach(Thinned numbers) {
    return (int) Math.ceil(SMOOTHING * numbers.columns().size());
  }

  /** What noisy numbers were at first, of as many of them as a mean in the middle has. */
  static double first(Thinned numbers) {
    return numbers.meanOfFirst(2 * reach(numbers) + 1);
  }

  /** What they are at last. */
  static double last(Thinned numbers) {
    return numbers.meanOfLast(2 * reach(numbers) + 1);
  }

  /** Each number; of many the least and the greatest of each column, so that no extreme is lost. */
  static Series extremes(String name, int colour, Thinned numbers, double factor) {
    List<Point> points = new ArrayList<>();
    for (Column column : numbers.columns()) {
      boolean leastFirst = column.leastAt() <= column.mostAt();
      Point least = Point.of((double) column.leastAt(), factor * column.least());
      Point most = Point.of((double) column.mostAt(), factor * column.most());
      points.add(leastFirst ? least : most);
      if (column.leastAt() != column.mostAt()) {
        points.add(leastFirst ? most : least);
      }
    }
    return new Series(name, Style.LINE, colour, points);
  }

  /** The smooth line through them. */
  static Series course(int colour, Thinned numbers, double factor) {
    return course("mean around it", colour, numbers, factor);
  }

  /** The same with a name of its own. */
  static Series course(String name, int colour, Thinned numbers, double factor) {
    double[] means = smoothed(numbers);
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < means.length; i++) {
      points.add(Point.of(numbers.columns().get(i).middle(), factor * means[i]));
    }
    return new Series(name, Style.LINE, colour, points);
  }
}

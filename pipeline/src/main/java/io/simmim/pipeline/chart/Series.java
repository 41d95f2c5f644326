package io.simmim.pipeline.chart;

import java.util.List;
import java.util.Objects;

/**
 * Values that belong together.
 *
 * @param name for the legend
 * @param colour number of a colour for data, from 0
 */
public record Series(String name, Style style, int colour, List<Point> points) {
  public Series {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(style, "style");
    points = List.copyOf(points);
  }

  /** How it is drawn. */
  public enum Style {
    /** A dot for each value. */
    DOTS,
    /** From value to value, in their order. */
    LINE,
    /** The same, with short gaps. */
    DASHES,
    /** A line with a dot at each value. */
    LINE_AND_DOTS;

    boolean hasDots() {
      return this == DOTS || this == LINE_AND_DOTS;
    }

    boolean hasLine() {
      return this != DOTS;
    }
  }

  /**
   * One value.
   *
   * @param y if it is no number, there is nothing to be seen, and a line has a gap
   * @param note shown when a pointer is over it; empty for none
   */
  public record Point(double x, double y, String note) {
    /** A value without a note. */
    public static Point of(double x, double y) {
      return new Point(x, y, "");
    }
  }
}

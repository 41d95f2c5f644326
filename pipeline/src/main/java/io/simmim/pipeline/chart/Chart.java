package io.simmim.pipeline.chart;

import io.simmim.pipeline.chart.Axis.Range;
import io.simmim.pipeline.chart.Series.Point;
import io.simmim.pipeline.chart.Series.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * A chart of lines and dots.
 *
 * @param title what it shows
 * @param description the same for people who cannot see it, with what is to be learned from it
 * @param series drawn in their order, the last one on top
 */
public record Chart(String title, String description, Axis x, Axis y, List<Series> series) {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 420;

  /** Room for the axis' label, and at least for small numbers. */
  private static final int LABEL = 40;

  private static final int LEAST_LEFT = 62;
  private static final int RIGHT = 20;
  private static final int TOP = 68;
  private static final int BOTTOM = 58;
  private static final double GRID = 0.15;

  /** Of a legend in pixels: its lines, what stands for a series, and a letter, about. */
  private static final int LEGEND_LINE = 20;

  private static final int LEGEND_MARK = 26;
  private static final double LETTER = 6.8;

  public Chart {
    series = List.copyOf(series);
  }

  /**
   * Draws it.
   *
   * @param id that nothing else has in the page
   * @return an {@code svg} element
   */
  public String svg(String id) {
    return svg(id, WIDTH, HEIGHT);
  }

  /**
   * Draws it in another size.
   *
   * @param width in pixels
   * @param height in pixels; a long legend adds to it
   */
  public String svg(String id, int width, int height) {
    return new Drawing(id, width, height).draw();
  }

  /** Of a legend's entry. */
  private record Place(double left, int line) {}

  private final class Drawing {
    private final int width;
    private final Range across = range(x, Point::x);
    private final Range up = range(y, Point::y);
    private final double left =
        Math.max(
            LEAST_LEFT,
            LABEL + LETTER * up.written().stream().mapToInt(String::length).max().orElse(0));
    private final int top;
    private final int height;
    private final Svg svg;

    Drawing(String id, int width, int least) {
      this.width = width;
      top = TOP + LEGEND_LINE * legendPlaces().stream().mapToInt(Place::line).max().orElse(0);
      height = least + top - TOP;
      svg = new Svg(id, title, description, width, height);
    }

    String draw() {
      svg.begin("g", "font-size", "16", "font-weight", "600");
      svg.text(left, 26, "start", title).end();
      legend();
      axes();
      series.forEach(this::series);
      if (series.stream().allMatch(one -> one.points().stream().noneMatch(this::isShown))) {
        svg.text(
            (left + width - RIGHT) / 2.0, (top + height - BOTTOM) / 2.0, "middle", "no values");
      }
      return svg.finish();
    }

    private Range range(Axis axis, ToDoubleFunction<Point> value) {
      return axis.range(
          series.stream()
              .flatMap(one -> one.points().stream().filter(this::isShown))
              .mapToDouble(value));
    }

    private boolean isShown(Point point) {
      return x.has(point.x()) && y.has(point.y());
    }

    private double x(double value) {
      return left + across.share(value) * (width - RIGHT - left);
    }

    private double y(double value) {
      return height - BOTTOM - up.share(value) * (height - BOTTOM - top);
    }

    private void axes() {
      for (int i = 0; i < across.ticks().size(); i++) {
        double at = x(across.ticks().get(i).doubleValue());
        svg.line(at, height - BOTTOM, at, height - BOTTOM + 5, 1);
        svg.text(at, height - BOTTOM + 20, "middle", across.written().get(i));
      }
      for (int i = 0; i < up.ticks().size(); i++) {
        double at = y(up.ticks().get(i).doubleValue());
        svg.line(left, at, width - RIGHT, at, GRID);
        svg.text(left - 8, at + 4.5, "end", up.written().get(i));
      }
      svg.line(left, height - BOTTOM, width - RIGHT, height - BOTTOM, 1);
      svg.text((left + width - RIGHT) / 2.0, height - 16, "middle", x.label());
      svg.begin("g", "transform", "rotate(-90)");
      svg.text(-(top + height - BOTTOM) / 2.0, 20, "middle", y.label()).end();
    }

    private void series(Series one) {
      svg.begin("g", "class", Svg.colour(one.colour()));
      if (one.style().hasLine()) {
        path(one);
      }
      if (one.style().hasDots()) {
        one.points().stream().filter(this::isShown).forEach(point -> dot(one.style(), point));
      }
      svg.end();
    }

    private void path(Series one) {
      StringBuilder path = new StringBuilder();
      List<Point> points = one.points();
      for (int i = 0; i < points.size(); i++) {
        Point point = points.get(i);
        if (isShown(point)) {
          boolean drawing = isShown(points, i - 1);
          path.append(drawing ? 'L' : 'M').append(Svg.number(x(point.x()))).append(' ');
          path.append(Svg.number(y(point.y())));
          if (!drawing && !one.style().hasDots() && !isShown(points, i + 1)) {
            dot(one.style(), point); // a line of one point is not to be seen
          }
        }
      }
      stroke(path.toString(), one.style());
    }

    private boolean isShown(List<Point> points, int place) {
      return place >= 0 && place < points.size() && isShown(points.get(place));
    }

    private void stroke(String path, Style style) {
      svg.empty(
          "path",
          "d",
          path,
          "fill",
          "none",
          "stroke",
          "currentColor",
          "stroke-width",
          "2",
          "stroke-linejoin",
          "round",
          "stroke-dasharray",
          style == Style.DASHES ? "7 4" : "none");
    }

    private void dot(Style style, Point point) {
      dot(style, x(point.x()), y(point.y()), point.note());
    }

    /** Dots alone lie over each other, so that one shines through another. */
    private void dot(Style style, double x, double y, String note) {
      svg.begin(
          "circle",
          "cx",
          Svg.number(x),
          "cy",
          Svg.number(y),
          "r",
          style == Style.DOTS ? "4" : "3",
          "fill-opacity",
          style == Style.DOTS ? "0.5" : "1");
      if (!note.isEmpty()) {
        svg.begin("title").content(note).end();
      }
      svg.end();
    }

    private void legend() {
      List<Place> places = legendPlaces();
      for (int i = 0; i < series.size(); i++) {
        entry(series.get(i), places.get(i).left(), 48 + places.get(i).line() * LEGEND_LINE);
      }
    }

    private List<Place> legendPlaces() {
      List<Place> places = new ArrayList<>();
      double at = left;
      int line = 0;
      for (Series one : series) {
        double length = LEGEND_MARK + LETTER * (one.name().length() + 2);
        if (at > left && at + length > width - RIGHT) {
          at = left;
          line++;
        }
        places.add(new Place(at, line));
        at += length;
      }
      return places;
    }

    private void entry(Series one, double first, double middle) {
      svg.begin("g", "class", Svg.colour(one.colour()));
      double last = first + LEGEND_MARK - 6;
      if (one.style().hasLine()) {
        stroke(
            String.format(
                Locale.ROOT, "M%s %sH%s", Svg.number(first), Svg.number(middle), Svg.number(last)),
            one.style());
      }
      if (one.style().hasDots()) {
        dot(one.style(), (first + last) / 2, middle, "");
      }
      svg.end().text(first + LEGEND_MARK, middle + 4.5, "start", one.name());
    }
  }
}

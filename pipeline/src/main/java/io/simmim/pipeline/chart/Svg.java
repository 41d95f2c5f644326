package io.simmim.pipeline.chart;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * Writes one picture as SVG, in light and dark colours, whichever the reader's device asks for. A
 * page that it is part of may set the colours: {@code --chart-ink}, {@code --chart-paper} and
 * {@code --chart-1} to {@code --chart-6}.
 */
public final class Svg {
  /** How many colours there are for data. */
  public static final int COLOURS = 6;

  /**
   * Those of data can be told apart with any colour vision (Okabe and Ito, 2008); on dark paper
   * they are lighter.
   */
  private static final String STYLE =
      """
      .chart{color:var(--chart-ink,#222);font-family:system-ui,sans-serif;max-width:100%;height:auto}
      .chart .paper{fill:var(--chart-paper,#fff)}
      .chart .c1{color:var(--chart-1,#0072b2)}
      .chart .c2{color:var(--chart-2,#d55e00)}
      .chart .c3{color:var(--chart-3,#009e73)}
      .chart .c4{color:var(--chart-4,#b5548b)}
      .chart .c5{color:var(--chart-5,#b87f00)}
      .chart .c6{color:var(--chart-6,#3f95c9)}
      @media (prefers-color-scheme:dark){
      .chart{color:var(--chart-ink,#ddd)}
      .chart .paper{fill:var(--chart-paper,#16181c)}
      .chart .c1{color:var(--chart-1,#56b4e9)}
      .chart .c2{color:var(--chart-2,#ff9248)}
      .chart .c3{color:var(--chart-3,#2fc79b)}
      .chart .c4{color:var(--chart-4,#e59ac2)}
      .chart .c5{color:var(--chart-5,#f0c04a)}
      .chart .c6{color:var(--chart-6,#9ad4f5)}
      }
      """;

  private final StringBuilder out = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();

  /**
   * Begins a picture.
   *
   * @param id that nothing else has in the page: a letter, then letters, digits and hyphens
   * @param title for people who hear it
   * @param description the same, of what can be seen
   */
  public Svg(String id, String title, String description, int width, int height) {
    if (!id.matches("[A-Za-z][A-Za-z0-9-]*")) {
      throw new IllegalArgumentException(
          "id must be a letter, then letters, digits and hyphens: " + id);
    }
    begin(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "class",
        "chart",
        "role",
        "img",
        "aria-labelledby",
        String.format(Locale.ROOT, "%s-title %s-description", id, id),
        "viewBox",
        String.format(Locale.ROOT, "0 0 %d %d", width, height),
        "width",
        Integer.toString(width),
        "height",
        Integer.toString(height),
        "font-size",
        "13",
        "fill",
        "currentColor");
    begin("title", "id", id + "-title").content(title).end();
    begin("desc", "id", id + "-description").content(description).end();
    begin("style");
    out.append('\n').append(STYLE);
    end();
    empty("rect", "class", "paper", "fill", "#fff", "width", "100%", "height", "100%");
  }

  /**
   * Begins an element.
   *
   * @param attributes names, each with its value behind it
   */
  public Svg begin(String element, String... attributes) {
    tag(element, attributes).append('>');
    open.push(element);
    return this;
  }

  /** Ends the element that was begun last. */
  public Svg end() {
    out.append("</").append(open.pop()).append(">\n");
    return this;
  }

  /** An element without content. */
  public Svg empty(String element, String... attributes) {
    tag(element, attributes).append("/>\n");
    return this;
  }

  /** Text within the element that was begun last. */
  public Svg content(String text) {
    out.append(escaped(text));
    return this;
  }

  /** A line of text; {@code anchor} is start, middle or end. */
  public Svg text(double x, double y, String anchor, String text) {
    return begin("text", "x", number(x), "y", number(y), "text-anchor", anchor).content(text).end();
  }

  /** A straight line in the colour of what it is in. */
  public Svg line(double x1, double y1, double x2, double y2, double opacity) {
    return empty(
        "line",
        "x1",
        number(x1),
        "y1",
        number(y1),
        "x2",
        number(x2),
        "y2",
        number(y2),
        "stroke",
        "currentColor",
        "stroke-opacity",
        number(opacity));
  }

  private StringBuilder tag(String element, String... attributes) {
    out.append('<').append(element);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"");
      out.append(escaped(attributes[i + 1])).append('"');
    }
    return out;
  }

  /** Text as it stands in an element, or in an attribute between quotes. */
  public static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** A coordinate, to a hundredth of a pixel. */
  public static String number(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    return text.replaceFirst("\\.?0+$", "");
  }

  /**
   * Class of the elements in a colour for data, of which there are {@link #COLOURS}, again and
   * again.
   */
  public static String colour(int number) {
    return "c" + (number % COLOURS + 1);
  }

  /** Ends what is open, and the picture. */
  public String finish() {
    while (!open.isEmpty()) {
      end();
    }
    return out.toString();
  }
}

package io.simmim.pipeline.report.html;

import io.simmim.pipeline.chart.Svg;
import io.simmim.schemas.text.PrintableText;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes HTML that is well-formed XML as well. All text goes through one method, which leaves no
 * character a meaning: names of files are of others.
 */
final class Html {
  private final StringBuilder out = new StringBuilder("<!DOCTYPE html>\n");
  private final Deque<String> open = new ArrayDeque<>();

  /**
   * Begins an element.
   *
   * @param attributes names, each with its value behind it
   */
  Html begin(String element, String... attributes) {
    out.append('<').append(element);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"");
      out.append(escaped(attributes[i + 1])).append('"');
    }
    out.append('>');
    open.push(element);
    return this;
  }

  /** Ends the element that was begun last. */
  Html end() {
    out.append("</").append(open.pop()).append(">\n");
    return this;
  }

  /** An element that cannot have content. */
  Html empty(String element, String... attributes) {
    begin(element, attributes);
    open.pop();
    out.setLength(out.length() - 1);
    out.append("/>\n");
    return this;
  }

  /** Text within the element that was begun last. */
  Html text(String text) {
    out.append(escaped(text));
    return this;
  }

  /** An element with text alone. */
  Html element(String element, String text, String... attributes) {
    return begin(element, attributes).text(text).end();
  }

  /** What is made elsewhere, and is to be trusted. */
  Html ours(String markup) {
    out.append(markup);
    return this;
  }

  /** A table's caption and the heads of its columns; its body is open then. */
  Html table(String caption, String... columns) {
    begin("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", caption);
    begin("table").element("caption", caption).begin("thead").begin("tr");
    for (String column : columns) {
      element("th", column, "scope", "col");
    }
    return end().end().begin("tbody");
  }

  /** A row whose first cell names it. */
  Html row(String name, String... cells) {
    begin("tr").element("th", name, "scope", "row");
    for (String cell : cells) {
      element("td", cell);
    }
    return end();
  }

  /** Ends what {@link #table} has begun. */
  Html endTable() {
    return end().end().end();
  }

  private static String escaped(String text) {
    return Svg.escaped(PrintableText.of(text).replaceAll("[\\uFFFE\\uFFFF]", "\uFFFD"));
  }

  /** Ends what is open, and the page. */
  String finish() {
    while (!open.isEmpty()) {
      end();
    }
    return out.toString();
  }
}

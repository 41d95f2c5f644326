package io.simmim.pipeline.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.chart.Axis.Range;
import io.simmim.pipeline.chart.Axis.Scale;
import io.simmim.pipeline.chart.Series.Point;
import io.simmim.pipeline.chart.Series.Style;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ChartTest {
  private static final Axis STEPS = new Axis("step", Scale.LINEAR);

  @ParameterizedTest
  @CsvSource({
    "LINEAR, 0.31, 0.86, '0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9'",
    "LINEAR, -3, 12, '-5, 0, 5, 10, 15'",
    "LINEAR, 7, 7, '6, 8'",
    "EXACT, 1, 6368, '2000, 4000, 6000'",
    "EXACT, 7, 7, '6, 8'",
    "FROM_ZERO, 41, 47, '0, 10, 20, 30, 40, 50'",
    "FROM_ZERO, 0, 0, '0, 0.2'",
    "FROM_ZERO, 0, 1e30, '0, 2e29, 4e29, 6e29, 8e29, 1e30'",
    "FROM_ZERO, 0, 2.5e-5, '0, 5e-6, 1e-5, 1.5e-5, 2e-5, 2.5e-5'",
    "LINEAR, 1e6, 5e6, '1000000, 2000000, 3000000, 4000000, 5000000'",
    "LINEAR, -6e7, 2e7, '-6e7, -4e7, -2e7, 0, 2e7'",
    "LINEAR, 0.6987651, 0.6987659, '0.698765, 0.6987652, 0.6987654, 0.6987656, 0.6987658, 0.698766'",
    "FROM_ZERO, 0.00012, 0.0003, '0, 0.00005, 0.0001, 0.00015, 0.0002, 0.00025, 0.0003'",
    "WHOLE, 1, 6, '1, 2, 3, 4, 5, 6'",
    "WHOLE, 1, 24, '2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24'",
    "WHOLE, 3, 3, '3'",
    "LOGARITHMIC, 0.004, 0.03, '0.002, 0.005, 0.01, 0.02, 0.05'",
    "LOGARITHMIC, 1, 30000, '1, 10, 100, 1000, 10000, 100000'"
  })
  void writesRoundNumbersAtAxes(Scale scale, double least, double most, String ticks) {
    Range range = new Axis("", scale).range(DoubleStream.of(most, Double.NaN, least));

    assertThat(range.ticks()).isSorted();
    assertThat(range.written()).containsExactly(ticks.split(", "));
    assertThat(range.lowest()).isLessThanOrEqualTo(least);
    assertThat(range.highest()).isGreaterThanOrEqualTo(most).isGreaterThan(range.lowest());
    assertThat(range.share(range.lowest())).isZero();
    assertThat(range.share(range.highest())).isEqualTo(1);
  }

  @Test
  void drawsEachValueWhereItBelongs() throws Exception {
    Series dots =
        new Series(
            "dots",
            Style.DOTS,
            0,
            List.of(new Point(0, 0, "first"), Point.of(5, 50), Point.of(10, Double.NaN)));
    Series line =
        new Series(
            "line",
            Style.LINE,
            1,
            List.of(Point.of(0, 100), Point.of(5, 100), Point.of(6, Double.NaN), Point.of(10, 0)));

    Document svg = parse(new Chart("t", "d", STEPS, STEPS, List.of(dots, line)).svg("a"));

    List<Element> circles = elements(svg, "circle"); // the first is the legend's
    assertThat(circles).hasSize(4); // the last is the point behind the gap
    assertThat(circles.get(1).getTextContent()).isEqualToIgnoringWhitespace("first");
    double left = attribute(circles.get(1), "cx");
    double bottom = attribute(circles.get(1), "cy");
    double middle = attribute(circles.get(2), "cx");
    double half = attribute(circles.get(2), "cy");
    assertThat(left).isEqualTo(62);
    assertThat(middle - left).isEqualTo(319); // half of what the margins leave of 720
    String path = elements(svg, "path").get(1).getAttribute("d");
    assertThat(path)
        .isEqualTo(
            "M62 %s L381 %s M700 %s"
                .formatted(
                    Svg.number(2 * half - bottom),
                    Svg.number(2 * half - bottom),
                    Svg.number(bottom))
                .replace(" L", "L")
                .replace(" M", "M"));
    String wide = new Chart("t", "d", STEPS, STEPS, List.of(small())).svg("a");
    assertThat(attribute(elements(parse(wide), "line").get(0), "x1")).isGreaterThan(80);
    assertThat(texts(svg))
        .contains("t", "dots", "line", "0", "100", "step")
        .doesNotContain("no values");
  }

  /** A run of one step. */
  @ParameterizedTest
  @CsvSource({"LINE, 1", "DASHES, 1", "LINE_AND_DOTS, 2"}) // the last has one in the legend
  void showsAPointAlone(Style style, int dots) throws Exception {
    Series one = new Series("loss", style, 0, List.of(Point.of(1, 0.5)));
    Series two = new Series("loss", style, 0, List.of(Point.of(1, 0.5), Point.of(2, 0.4)));

    assertThat(elements(parse(new Chart("t", "d", STEPS, STEPS, List.of(one)).svg("a")), "circle"))
        .hasSize(dots);
    assertThat(elements(parse(new Chart("t", "d", STEPS, STEPS, List.of(two)).svg("a")), "circle"))
        .hasSize(style == Style.LINE_AND_DOTS ? 3 : 0);
  }

  /** Its numbers need room at the left. */
  private static Series small() {
    return new Series("small", Style.LINE, 0, List.of(Point.of(0, 1e-5), Point.of(1, 2.5e-5)));
  }

  @Test
  void tellsPeopleWhoCannotSeeIt() throws Exception {
    Chart chart = new Chart("a < b & \"c\"", "falls", STEPS, STEPS, List.of());

    Element svg = parse(chart.svg("loss-1")).getDocumentElement();

    assertThat(svg.getAttribute("role")).isEqualTo("img");
    assertThat(svg.getAttribute("aria-labelledby")).isEqualTo("loss-1-title loss-1-description");
    Element title = (Element) svg.getElementsByTagName("title").item(0);
    assertThat(title.getAttribute("id")).isEqualTo("loss-1-title");
    assertThat(title.getTextContent()).isEqualTo("a < b & \"c\"");
    assertThat(svg.getElementsByTagName("desc").item(0).getTextContent()).isEqualTo("falls");
  }

  @Test
  void saysThatThereIsNothingToSee() throws Exception {
    Series none = new Series("none", Style.LINE_AND_DOTS, 7, List.of(Point.of(1, Double.NaN)));

    assertThat(texts(parse(new Chart("t", "d", STEPS, STEPS, List.of(none)).svg("a"))))
        .contains("no values");
  }

  /** Each line of a legend moves the axes down. */
  @Test
  void makesRoomForLongLegends() throws Exception {
    List<Series> many = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      many.add(new Series("a series with a name " + i, Style.DASHES, i, List.of(Point.of(i, i))));
    }

    Element svg = parse(new Chart("t", "d", STEPS, STEPS, many).svg("a")).getDocumentElement();

    assertThat(svg.getAttribute("height")).isEqualTo("460");
    assertThat(elements(svg.getOwnerDocument(), "g"))
        .extracting(group -> group.getAttribute("class"))
        .contains("c1", "c6")
        .doesNotContain("c7");
  }

  @Test
  void refusesAnIdThatAPageCannotHave() {
    Chart chart = new Chart("t", "d", STEPS, STEPS, List.of());

    assertThatThrownBy(() -> chart.svg("a b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("id must be a letter, then letters, digits and hyphens: a b");
  }

  private static Document parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }

  private static double attribute(Element element, String name) {
    return Double.parseDouble(element.getAttribute(name));
  }

  private static List<String> texts(Document svg) {
    return elements(svg, "text").stream().map(Element::getTextContent).toList();
  }

  private static List<Element> elements(Document svg, String name) {
    NodeList nodes = svg.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }
}

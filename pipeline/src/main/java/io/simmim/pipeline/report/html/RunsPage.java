package io.simmim.pipeline.report.html;

import static io.simmim.pipeline.report.html.Figures.count;
import static io.simmim.pipeline.report.html.Figures.duration;
import static io.simmim.pipeline.report.html.Figures.number;
import static io.simmim.pipeline.report.html.Figures.percent;

import io.simmim.pipeline.chart.Axis;
import io.simmim.pipeline.chart.Axis.Scale;
import io.simmim.pipeline.chart.Chart;
import io.simmim.pipeline.chart.Series;
import io.simmim.pipeline.report.config.ComparedConfig;
import io.simmim.pipeline.report.story.RunReport;
import io.simmim.pipeline.report.story.RunReport.Part;
import io.simmim.pipeline.report.story.StepHistory;
import io.simmim.pipeline.report.story.Thinned;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Several runs side by side: how each stands, their curves in common charts, what was different.
 */
public final class RunsPage {
  /** The parameters of the addresses: a run of its own page, a run that is compared. */
  public static final String RUN = "run";

  /** See {@link #RUN}. */
  public static final String COMPARED = "compare";

  /** As many as there are colours. */
  private static final int MOST_COMPARED = 6;

  private static final int WIDTH = 720;
  private static final int HEIGHT = 380;

  /**
   * A run of the page.
   *
   * @param name its output as it was found, which addresses have
   * @param compared whether the user chose it
   */
  public record Entry(String name, RunReport report, boolean compared) {}

  private final PageFrame frame;
  private final List<Entry> runs;
  private final List<Entry> compared;
  private final Map<Entry, String> labels = new LinkedHashMap<>();

  private RunsPage(PageFrame frame, List<Entry> runs) {
    this.frame = frame;
    this.runs = runs;
    List<Entry> chosen = runs.stream().filter(Entry::compared).toList();
    this.compared = (chosen.isEmpty() ? runs : chosen).stream().limit(MOST_COMPARED).toList();
    String common = common(runs.stream().map(run -> run.report().output()).toList());
    runs.forEach(run -> labels.put(run, run.report().output().substring(common.length())));
  }

  /** Writes it. */
  public static String of(PageFrame frame, List<Entry> runs) {
    return new RunsPage(frame, runs).page();
  }

  /** The folder that all outputs are in: what tells them apart is behind it. */
  private static String common(List<String> outputs) {
    String common = outputs.get(0);
    for (String output : outputs) {
      while (!output.startsWith(common)) {
        common = common.substring(0, common.length() - 1);
      }
    }
    return outputs.size() == 1 ? "" : common.substring(0, common.lastIndexOf('/') + 1);
  }

  private String page() {
    Html page = frame.begin("SimMIM runs");
    page.begin("header").element("h1", count(runs.size(), "SimMIM run")).end();
    boolean served = frame == PageFrame.SERVED;
    if (served) {
      page.begin("form", "method", "get", "action", "./");
    }
    table(page, served);
    if (served) {
      page.element("button", "Compare the chosen ones", "type", "submit").end();
    }
    if (compared.size() < runs.size()) {
      String which =
          String.join(", ", compared.stream().map(run -> "“" + labels.get(run) + "”").toList());
      page.element("p", "The charts show " + which + ".", "class", "soft");
    }
    charts(page);
    differences(page);
    return page.finish();
  }

  private void table(Html page, boolean served) {
    List<String> columns =
        List.of("run", "how it stands", "step", "loss", "img/s", "waiting", "goodput", "top-1");
    List<String> all = new ArrayList<>(columns);
    if (served) {
      all.add(0, "chart");
    }
    page.table("How the runs stand", all.toArray(String[]::new));
    for (Entry run : runs) {
      page.begin("tr");
      if (served) {
        page.begin("td");
        List<String> box =
            new ArrayList<>(
                List.of("type", "checkbox", "name", COMPARED, "value", run.name(), "aria-label"));
        box.add("chart of " + labels.get(run));
        if (compared.contains(run)) {
          box.addAll(List.of("checked", "checked"));
        }
        page.empty("input", box.toArray(String[]::new)).end();
      }
      page.begin("th", "scope", "row");
      if (served) {
        page.element("a", labels.get(run), "href", address(run.name()));
      } else {
        page.text(labels.get(run));
      }
      page.end();
      cells(page, run.report());
      page.end();
    }
    page.endTable();
  }

  private static void cells(Html page, RunReport report) {
    StepHistory history = report.history();
    page.begin("td");
    page.element("span", state(report), "class", "mark " + Headline.tone(report.state().kind()));
    page.end();
    String goal =
        report.goal().steps().isPresent() ? " of " + count(report.goal().steps().getAsLong()) : "";
    page.element("td", report.isRead(Part.METRICS) ? count(history.lastStep()) + goal : "unknown");
    page.element("td", last(history.loss()));
    page.element("td", last(history.imagesPerSecond()));
    page.element("td", history.isEmpty() ? "" : percent(history.time().waitShare()));
    page.element("td", history.isEmpty() ? "" : percent(history.time().goodput()));
    page.element(
        "td", report.validations().best().map(best -> Figures.accuracy(best.top1())).orElse(""));
  }

  private static String last(Thinned numbers) {
    return numbers.isEmpty() ? "" : number(Curves.last(numbers));
  }

  private static String state(RunReport report) {
    String ago =
        report.history().isEmpty()
            ? ""
            : String.format(
                Locale.ROOT,
                ", last step %s ago",
                duration(Duration.between(report.history().lastEnd(), report.made()).abs()));
    return switch (report.state().kind()) {
      case FINISHED -> "finished";
      case UNDER_WAY -> "under way" + ago;
      case STOPPED -> "stopped" + ago;
      case SILENT -> "silent" + ago;
      case UNKNOWN -> "unknown" + ago;
    };
  }

  /** Address of the page of a run. */
  private static String address(String name) {
    return "./?" + RUN + "=" + URLEncoder.encode(name, StandardCharsets.UTF_8);
  }

  private void charts(Html page) {
    page.begin("section").element("h2", "Side by side").begin("div", "class", "charts");
    chart(page, "loss", "Loss", new Axis("loss", Scale.LINEAR), 1, it -> it.history().loss());
    chart(
        page,
        "accuracy",
        "Accuracy in validation",
        new Axis("top-1 in %", Scale.LINEAR),
        100,
        it -> it.validations().top1());
    chart(
        page,
        "throughput",
        "Throughput",
        new Axis("images per second", Scale.FROM_ZERO),
        1,
        it -> it.history().imagesPerSecond());
    chart(
        page,
        "norm",
        "Gradient norm",
        new Axis("gradient norm before clipping", Scale.FROM_ZERO),
        1,
        it -> it.history().gradientNorm());
    page.end().end();
  }

  private void chart(
      Html page,
      String id,
      String title,
      Axis y,
      double factor,
      Function<RunReport, Thinned> numbers) {
    List<Series> series = new ArrayList<>();
    for (Entry run : compared) {
      Thinned values = numbers.apply(run.report());
      if (!values.isEmpty()) {
        series.add(Curves.course(labels.get(run), compared.indexOf(run), values, factor));
      }
    }
    if (series.isEmpty()) {
      return;
    }
    String sentence = title + " of " + count(series.size(), "run") + ", smoothed.";
    page.begin("figure");
    page.ours(
        new Chart(title, sentence, new Axis("step", Scale.EXACT), y, series)
            .svg(id, WIDTH, HEIGHT));
    page.element("figcaption", sentence).end();
  }

  /** The keys that are not the same in all that are compared. */
  private void differences(Html page) {
    Map<String, List<String>> values = new TreeMap<>();
    for (int i = 0; i < compared.size(); i++) {
      for (ComparedConfig.Key key :
          compared.get(i).report().config().map(ComparedConfig::keys).orElse(List.of())) {
        List<String> row =
            values.computeIfAbsent(
                key.path(),
                it -> new ArrayList<>(Stream.generate(() -> "").limit(compared.size()).toList()));
        row.set(i, key.value());
      }
    }
    values.values().removeIf(row -> row.stream().distinct().count() == 1);
    if (compared.size() < 2 || values.isEmpty()) {
      return;
    }
    page.begin("section").element("h2", "What was different");
    page.table(
        count(values.size(), "key") + " of the configuration",
        Stream.concat(Stream.of("key"), compared.stream().map(labels::get)).toArray(String[]::new));
    values.forEach(
        (key, row) -> {
          page.begin("tr").begin("th", "scope", "row").element("code", key).end();
          row.forEach(value -> page.element("td", value));
          page.end();
        });
    page.endTable().end();
  }
}

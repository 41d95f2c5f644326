package io.simmim.pipeline.report.html;

import static io.simmim.pipeline.report.html.Figures.bytes;
import static io.simmim.pipeline.report.html.Figures.count;
import static io.simmim.pipeline.report.html.Figures.duration;

import io.simmim.pipeline.chart.Axis;
import io.simmim.pipeline.chart.Axis.Scale;
import io.simmim.pipeline.chart.Series;
import io.simmim.pipeline.chart.Series.Point;
import io.simmim.pipeline.chart.Series.Style;
import io.simmim.pipeline.report.checkpoint.Checkpoints;
import io.simmim.pipeline.report.checkpoint.Checkpoints.Taken;
import io.simmim.pipeline.report.story.TimeSpent;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What the checkpoints took, and what restarts from them cost. */
final class CheckpointSection {
  private static final String HOW =
      "From checkpoints.jsonl. A checkpoint is complete some time after it was begun: it waits for"
          + " the micro-batch under way, training stands still while the state is copied on its"
          + " device, and goes on while the copy is written. Of the last checkpoint before a restart"
          + " only the stall may be known.";

  /** More would lie over each other, and make the page large. */
  private static final int MOST_DOTS = 60;

  private final Checkpoints checkpoints;
  private final TimeSpent time;

  CheckpointSection(Checkpoints checkpoints, TimeSpent time) {
    this.checkpoints = checkpoints;
    this.time = time;
  }

  void write(Html page) {
    if (checkpoints.count() == 0) {
      return;
    }
    page.begin("section").element("h2", "What checkpoints took");
    page.element("p", sentence());
    page.begin("div", "class", "charts");
    figure(
        page,
        "checkpoint-time",
        "Time of checkpoints",
        "seconds",
        List.of(
            series("until complete", 0, Taken::seconds),
            series("of it writing", 2, Taken::uploadSeconds)));
    figure(
        page,
        "checkpoint-stall",
        "Training stood still",
        "milliseconds for each checkpoint",
        List.of(series("stall", 1, taken -> 1e3 * taken.stallSeconds())));
    figure(
        page,
        "checkpoint-size",
        "Size of checkpoints",
        "MB, as stored",
        List.of(series("size", 3, taken -> taken.bytes() < 0 ? Double.NaN : taken.bytes() / 1e6)));
    page.end();
    table(page);
    page.element("p", HOW, "class", "soft").end();
  }

  private String sentence() {
    String all =
        String.format(
            Locale.ROOT,
            "Training stood still for %s in %s, for %s at most%s.",
            millis(checkpoints.stalled()),
            count(checkpoints.count(), "checkpoint"),
            millis(checkpoints.longest()),
            share());
    String restarts =
        checkpoints.restarts() == 0
            ? " No run went on from them."
            : String.format(
                Locale.ROOT,
                " The run went on from them %s.",
                count(checkpoints.restarts(), "time"));
    return time.interruptions() == 0
        ? all + restarts
        : all
            + restarts
            + String.format(
                Locale.ROOT,
                " %s cost %s in all, with the work that was lost: see above.",
                count(time.interruptions(), "interruption"),
                duration(time.interrupted().total()));
  }

  private String share() {
    double share = time.share(checkpoints.stalled());
    return Double.isFinite(share)
        ? String.format(Locale.ROOT, ", %.2f %% of the time", 100 * share)
        : "";
  }

  private Series series(String name, int colour, ToDoubleFunction<Taken> value) {
    List<Point> points =
        checkpoints.course().stream()
            .map(
                taken ->
                    new Point(
                        taken.step(),
                        value.applyAsDouble(taken),
                        String.format(
                            Locale.ROOT,
                            "checkpoint %s at step %s",
                            count(taken.checkpoint()),
                            count(taken.step()))))
            .toList();
    Style style = points.size() > MOST_DOTS ? Style.LINE : Style.LINE_AND_DOTS;
    return new Series(name, style, colour, points);
  }

  private void figure(Html page, String id, String title, String unit, List<Series> series) {
    String sentence =
        checkpoints.width() == 1
            ? "Each checkpoint, at the step that it holds."
            : String.format(
                Locale.ROOT,
                "Of every %s checkpoints the one that took longest.",
                count(checkpoints.width()));
    TrainingCharts.figure(page, id, title, new Axis(unit, Scale.FROM_ZERO), series, sentence);
  }

  private void table(Html page) {
    List<Taken> newest = checkpoints.newest();
    String all = count(checkpoints.count(), "checkpoint");
    page.table(
        newest.size() < checkpoints.count() ? all + "; the newest " + newest.size() : all,
        "checkpoint",
        "step",
        "begun",
        "size",
        "complete after",
        "of it writing",
        "training stood still");
    for (Taken taken : newest) {
      page.begin("tr");
      page.element(
          "th",
          count(taken.checkpoint()) + (taken.savepoint() ? " (savepoint)" : ""),
          "scope",
          "row");
      page.element("td", count(taken.step()));
      page.element("td", Figures.time(taken.begun()));
      page.element("td", taken.bytes() < 0 ? "unknown" : bytes(taken.bytes()));
      page.element("td", seconds(taken.seconds())).element("td", seconds(taken.uploadSeconds()));
      page.element("td", millis(ofSeconds(taken.stallSeconds()))).end();
    }
    page.endTable();
  }

  private static String seconds(double seconds) {
    return Double.isNaN(seconds) ? "unknown" : duration(ofSeconds(seconds));
  }

  private static Duration ofSeconds(double seconds) {
    return Duration.ofNanos(Math.round(seconds * 1e9));
  }

  /** Stalls are short. */
  private static String millis(Duration duration) {
    return duration.toMillis() < 1000
        ? String.format(Locale.ROOT, "%.1f ms", duration.toNanos() / 1e6)
        : duration(duration);
  }
}

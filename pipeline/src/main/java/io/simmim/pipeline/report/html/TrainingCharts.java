package io.simmim.pipeline.report.html;

import static io.simmim.pipeline.report.html.Figures.count;
import static io.simmim.pipeline.report.html.Figures.number;
import static io.simmim.pipeline.report.html.Figures.percent;

import io.simmim.pipeline.chart.Axis;
import io.simmim.pipeline.chart.Axis.Scale;
import io.simmim.pipeline.chart.Chart;
import io.simmim.pipeline.chart.Series;
import io.simmim.pipeline.chart.Series.Point;
import io.simmim.pipeline.chart.Series.Style;
import io.simmim.pipeline.report.story.RunReport;
import io.simmim.pipeline.report.story.StepHistory;
import io.simmim.pipeline.report.story.Thinned;
import io.simmim.pipeline.report.story.TimeSpent;
import io.simmim.pipeline.report.story.Validations;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the steps did, as charts with a sentence each. */
final class TrainingCharts {
  private static final int WIDTH = 480;
  private static final int HEIGHT = 320;
  private static final Axis STEP = new Axis("step", Scale.EXACT);

  /** Beyond, a linear axis would hide all but the greatest values. */
  private static final double WIDE_RANGE = 50;

  private final StepHistory history;
  private final Validations validations;
  private final boolean isContinuous;

  TrainingCharts(RunReport report) {
    history = report.history();
    validations = report.validations();
    isContinuous = report.isContinuous();
  }

  void write(Html page) {
    if (history.isEmpty()) {
      return;
    }
    page.begin("section").element("h2", "Training");
    long width = history.loss().width();
    if (width > 1) {
      page.element(
          "p",
          String.format(
              Locale.ROOT,
              "A column of the charts stands for %s: its least and its greatest value are drawn.",
              count(width, "step")),
          "class",
          "soft");
    }
    page.begin("div", "class", "charts");
    loss(page);
    validation(page);
    learningRate(page);
    gradientNorm(page);
    throughput(page);
    waiting(page);
    page.end().end();
  }

  private void loss(Html page) {
    Thinned loss = history.loss();
    List<Series> series = new ArrayList<>(noisy("loss", loss, 1));
    List<Point> marks = interruptions();
    if (!marks.isEmpty()) {
      series.add(new Series("interruption", Style.DOTS, 3, marks));
    }
    figure(page, "loss", "Loss", new Axis("loss", Scale.LINEAR), series, course(loss, ""));
  }

  /** At the lower edge, where the run was interrupted. */
  private List<Point> interruptions() {
    return history.time().longest().stream()
        .map(
            one ->
                new Point(
                    one.afterStep(),
                    history.loss().least(),
                    String.format(
                        Locale.ROOT,
                        "after step %s: %s without a step",
                        count(one.afterStep()),
                        Figures.duration(one.lasted()))))
        .toList();
  }

  private void validation(Html page) {
    if (validations.count() == 0) {
      return;
    }
    Validations.Measured best = validations.best().orElseThrow();
    Validations.Measured last = validations.last().orElseThrow();
    figure(
        page,
        "accuracy",
        "Accuracy in validation",
        new Axis("images classified rightly in %", Scale.LINEAR),
        List.of(
            measured("top-1", 0, validations.top1(), 100),
            measured("top-5", 2, validations.top5(), 100)),
        String.format(
            Locale.ROOT,
            "Top-1 was best after epoch %s with %s, and is %s after the last of %s.",
            count(best.epoch() + 1),
            Figures.accuracy(best.top1()),
            Figures.accuracy(last.top1()),
            count(validations.count(), "measurement")));
  }

  /** Numbers that there may be few of: then each has a dot. */
  static Series measured(String name, int colour, Thinned numbers, double factor) {
    Series line = Curves.extremes(name, colour, numbers, factor);
    return numbers.columns().size() > 60
        ? line
        : new Series(name, Style.LINE_AND_DOTS, colour, line.points());
  }

  private void learningRate(Html page) {
    Thinned rate = history.learningRate();
    figure(
        page,
        "rate",
        "Learning rate",
        new Axis("learning rate", Scale.FROM_ZERO),
        List.of(Curves.extremes("learning rate", 0, rate, 1)),
        String.format(
            Locale.ROOT, "At most %s, now %s.", number(rate.most()), number(rate.last())));
  }

  private void gradientNorm(Html page) {
    Thinned norm = history.gradientNorm();
    boolean wide = norm.least() > 0 && norm.most() / norm.least() > WIDE_RANGE;
    figure(
        page,
        "norm",
        "Gradient norm",
        new Axis("gradient norm before clipping", wide ? Scale.LOGARITHMIC : Scale.FROM_ZERO),
        noisy("gradient norm", norm, 1),
        course(norm, ""));
  }

  private void throughput(Html page) {
    Thinned speed = history.imagesPerSecond();
    figure(
        page,
        "throughput",
        "Throughput",
        new Axis("images per second", Scale.FROM_ZERO),
        noisy("images per second", speed, 1),
        course(speed, " img/s"));
  }

  private void waiting(Html page) {
    TimeSpent time = history.time();
    StepHistory.Waits waits = history.waits();
    List<Series> series = new ArrayList<>();
    series.add(Curves.extremes("waiting", 0, waits.all(), 100));
    if (waits.fetching().isEmpty()) {
      series.add(Curves.course(1, waits.all(), 100));
    } else {
      series.add(Curves.course("mean of fetching", 1, waits.fetching(), 100));
      series.add(Curves.course("decoding", 2, waits.decoding(), 100));
      series.add(Curves.course("network", 3, waits.network(), 100));
    }
    figure(
        page,
        "waiting",
        "Waiting for data",
        new Axis("% of each step's time", Scale.FROM_ZERO),
        series,
        String.format(
            Locale.ROOT,
            "%s of the time of steps. %s",
            percent(time.waitShare()),
            WaitAdvice.of(time, isContinuous)));
  }

  private static List<Series> noisy(String name, Thinned numbers, double factor) {
    return List.of(Curves.extremes(name, 0, numbers, factor), Curves.course(1, numbers, factor));
  }

  /** What a chart shows, in numbers. */
  private static String course(Thinned numbers, String unit) {
    if (numbers.isEmpty()) {
      return "No numbers.";
    }
    return String.format(
        Locale.ROOT,
        "From %s to %s%s on average; of single steps the least is %s, the greatest %s.",
        number(Curves.first(numbers)),
        number(Curves.last(numbers)),
        unit,
        number(numbers.least()),
        number(numbers.most()));
  }

  static void figure(
      Html page, String id, String title, Axis y, List<Series> series, String sentence) {
    page.begin("figure");
    page.ours(new Chart(title, sentence, STEP, y, series).svg(id, WIDTH, HEIGHT));
    page.element("figcaption", sentence).end();
  }
}

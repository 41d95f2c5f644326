package io.simmim.pipeline.report.html;

import static io.simmim.pipeline.report.html.Figures.count;
import static io.simmim.pipeline.report.html.Figures.duration;
import static io.simmim.pipeline.report.html.Figures.percent;
import static io.simmim.pipeline.report.html.Figures.time;

import io.simmim.pipeline.report.story.Goal;
import io.simmim.pipeline.report.story.RunReport;
import io.simmim.pipeline.report.story.RunReport.Part;
import io.simmim.pipeline.report.story.RunState;
import io.simmim.pipeline.report.story.StepHistory;
import io.simmim.pipeline.report.story.Thinned;
import io.simmim.pipeline.report.story.TimeSpent;
import java.time.Duration;
import java.util.Locale;

/** What a stranger is to know of a run first: one sentence, and some numbers. */
final class Headline {
  private final RunReport report;
  private final StepHistory history;
  private final Goal goal;

  Headline(RunReport report) {
    this.report = report;
    this.history = report.history();
    this.goal = report.goal();
  }

  void write(Html page) {
    page.begin("header").element("h1", "SimMIM run " + report.output());
    page.element("p", sentence(), "class", "state " + tone(report.state().kind()));
    page.element("p", "As of " + time(report.made()) + ".", "class", "soft");
    for (String problem : report.problems()) {
      page.element("p", problem, "class", "note");
    }
    if (history.unreadable() > 0) {
      page.element(
          "p",
          "metrics.jsonl has "
              + count(history.unreadable(), "line")
              + " that cannot be understood.",
          "class",
          "note");
    }
    if (history.loss().notNumbers() > 0) {
      page.element(
          "p",
          String.format(
              Locale.ROOT,
              "The loss of %s is no number, first that of step %s: the run has diverged there.",
              count(history.loss().notNumbers(), "step"),
              count(history.loss().firstNotNumber())),
          "class",
          "note");
    }
    page.begin("dl", "class", "facts");
    facts(page);
    page.end().end();
  }

  /** Which colour a run's state has. */
  static String tone(RunState.Kind kind) {
    return switch (kind) {
      case FINISHED, UNDER_WAY -> "good";
      case STOPPED, UNKNOWN -> "warn";
      case SILENT -> "bad";
    };
  }

  /** How the run stands. */
  private String sentence() {
    if (!report.isRead(Part.METRICS)) {
      String unknown = "How far it is cannot be told: " + Part.METRICS.unreadable() + ".";
      return report.state().kind() == RunState.Kind.UNDER_WAY
          ? "Under way, heard of " + sign() + " ago. " + unknown
          : unknown;
    }
    if (history.isEmpty()) {
      return switch (report.state().kind()) {
        case UNDER_WAY -> "Under way: no step has ended yet.";
        case UNKNOWN -> "No step has ended yet. " + unknownState();
        default -> "Ended before its first step.";
      };
    }
    return switch (report.state().kind()) {
      case FINISHED ->
          String.format(Locale.ROOT, "Finished: %s, the last one %s ago.", allSteps(), ago());
      case UNDER_WAY ->
          String.format(
              Locale.ROOT,
              "Under way: %s, the last one %s ago; heard of %s ago.",
              reached(),
              ago(),
              sign());
      case STOPPED ->
          String.format(
              Locale.ROOT, "Stopped at %s, %s ago; the same command continues.", reached(), ago());
      case UNKNOWN ->
          String.format(Locale.ROOT, "At %s, %s ago. %s", reached(), ago(), unknownState());
      case SILENT ->
          String.format(
              Locale.ROOT,
              "Silent since %s, %s ago: killed, or its machine is away; the same command continues.",
              reached(),
              ago());
    };
  }

  private static String unknownState() {
    return "Whether it goes on cannot be told: " + Part.LOCK.unreadable() + ".";
  }

  private String allSteps() {
    String steps = "all " + count(history.lastStep(), "step");
    return goal.epochs().isPresent()
        ? steps + " of " + count(goal.epochs().getAsLong(), "epoch")
        : steps;
  }

  private String reached() {
    String step = "step " + count(history.lastStep());
    return goal.steps().isPresent() ? step + " of " + count(goal.steps().getAsLong()) : step;
  }

  private String ago() {
    Duration since = Duration.between(history.lastEnd(), report.made());
    return duration(since.isNegative() ? Duration.ZERO : since);
  }

  private String sign() {
    Duration since =
        Duration.between(report.state().lastSign().orElse(report.made()), report.made());
    return duration(since.isNegative() ? Duration.ZERO : since);
  }

  private void facts(Html page) {
    if (report.isRead(Part.METRICS)) {
      progress(page);
    } else {
      fact(page, "Steps", "unknown", Part.METRICS.unreadable());
    }
    if (report.isRead(Part.REJECTED)) {
      fact(page, "Rejected images", count(report.rejected().total()), "each counted once");
    } else {
      fact(page, "Rejected images", "unknown", Part.REJECTED.unreadable());
    }
  }

  private void progress(Html page) {
    if (goal.steps().isPresent()) {
      fact(
          page,
          "Steps",
          count(history.lastStep()) + " of " + count(goal.steps().getAsLong()),
          percent((double) history.lastStep() / goal.steps().getAsLong()));
    } else {
      fact(
          page,
          "Steps",
          count(history.lastStep()),
          goal.isKnown() ? "no end is set" : "of how many is unknown");
    }
    if (goal.epochs().isPresent() && !history.isEmpty()) {
      fact(
          page,
          "Epochs",
          count(history.lastEpoch() + 1) + " of " + count(goal.epochs().getAsLong()),
          "the last one begun");
    }
    fact(
        page,
        "Images trained on",
        count(history.imagesSeen()),
        goal.images().isPresent()
            ? "of a list of " + count(goal.images().getAsLong())
            : report.isContinuous() ? "of a stream" : "of how many is unknown");
    if (!history.isEmpty()) {
      measured(page);
    }
  }

  private void measured(Html page) {
    Thinned loss = history.loss();
    if (!loss.isEmpty()) {
      fact(
          page,
          "Loss",
          Figures.number(Curves.last(loss)),
          String.format(Locale.ROOT, "%s at the beginning", Figures.number(Curves.first(loss))));
    }
    Thinned speed = history.imagesPerSecond();
    TimeSpent time = history.time();
    double trained = time.computing().plus(time.waiting()).toMillis() / 1e3;
    if (trained > 0 && !speed.isEmpty()) {
      fact(
          page,
          "Throughput",
          Figures.number(history.imagesSeen() / trained) + " img/s",
          "mean over the time of steps");
    }
    fact(page, "Waiting for data", percent(time.waitShare()), "of the time of steps");
    fact(page, "Goodput", percent(time.goodput()), "of all time went into steps that count");
    fact(
        page,
        "Interruptions",
        count(time.interruptions()),
        time.interruptions() == 0 ? "none" : duration(time.interrupted().total()) + " in all");
    fact(page, "Time", duration(time.total()), "from the first step to the last");
    report
        .validations()
        .best()
        .ifPresent(
            best ->
                fact(
                    page,
                    "Best top-1",
                    Figures.accuracy(best.top1()),
                    "after epoch " + count(best.epoch() + 1)));
  }

  private static void fact(Html page, String name, String value, String remark) {
    page.begin("div").element("dt", name).begin("dd").text(value);
    page.element("small", remark).end().end();
  }
}

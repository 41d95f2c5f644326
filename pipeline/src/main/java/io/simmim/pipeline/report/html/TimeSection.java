package io.simmim.pipeline.report.html;

import static io.simmim.pipeline.report.html.Figures.count;
import static io.simmim.pipeline.report.html.Figures.duration;
import static io.simmim.pipeline.report.html.Figures.percent;

import io.simmim.pipeline.report.story.Interruption;
import io.simmim.pipeline.report.story.Interruption.Kind;
import io.simmim.pipeline.report.story.RunReport;
import io.simmim.pipeline.report.story.TimeSpent;
import io.simmim.pipeline.report.story.TimeSpent.Interrupted;
import io.simmim.pipeline.report.story.TimeSpent.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Where the time went, and when no step was taken. */
final class TimeSection {
  private static final String HOW =
      "From the times in metrics.jsonl: each line tells when a step ended, how many images it had and"
          + " how many per second. Goodput is what computing and waiting have of all time: steps that"
          + " count, and the wait for their images.";

  private static final String RESTARTS =
      "After a failure or a stop a run goes on from its last checkpoint. Steps behind that were trained"
          + " for nothing: they are lost work, and trained again. Downtime is the rest, from the last"
          + " step before until a step begins that counts: until somebody noticed, or started the run"
          + " again, a machine was there, and the model was loaded. progress.json tells the last step,"
          + " once a second, or every five seconds on object storage. What was trained after it counts"
          + " as downtime.";

  private static final String PARTS =
      "Fetching lasts until the bytes of all images of a micro-batch are there, and in a run on images"
          + " that keep arriving also until there are any. Decoding lasts from then until they are"
          + " decoded, augmented and masked, with the time that they wait for a task to do it. The"
          + " rest is the way to the trainer.";

  private final TimeSpent time;

  /** Whether what would tell a restart or a validation from a stall could be read. */
  private final boolean causesKnown;

  TimeSection(RunReport report) {
    time = report.history().time();
    causesKnown = report.isRead(RunReport.Part.CHECKPOINTS, RunReport.Part.VALIDATION);
  }

  private record Part(String name, String colour, Duration duration) {}

  void write(Html page) {
    if (time.total().isZero()) {
      return;
    }
    List<Part> parts = new ArrayList<>();
    parts.add(new Part("computing", "fill-a", time.computing()));
    waiting(parts);
    if (!time.validating().isZero()) {
      parts.add(new Part("validation", "fill-e", time.validating()));
    }
    interrupted(parts);
    parts.add(new Part("between steps: checkpoints, exports", "fill-c", time.between()));
    page.begin("section").element("h2", "Where the time went");
    page.begin("div", "class", "bar", "aria-hidden", "true");
    for (Part part : parts) {
      String width = String.format(Locale.ROOT, "%.3f", 100 * time.share(part.duration()));
      page.element("span", "", "class", part.colour(), "style", "width:" + width + "%");
    }
    page.end();
    page.table(
        "From the first step to the last: " + duration(time.total()), "what", "time", "share");
    for (Part part : parts) {
      page.begin("tr").begin("th", "scope", "row");
      page.element("span", "", "class", "key " + part.colour()).text(part.name()).end();
      page.element("td", duration(part.duration()));
      page.element("td", percent(time.share(part.duration()))).end();
    }
    page.endTable().element("p", HOW, "class", "soft");
    if (!time.waited().divided().isZero()) {
      page.element("p", PARTS, "class", "soft");
    }
    if (restartsTell()) {
      page.element("p", sentence());
      page.element("p", RESTARTS, "class", "soft");
    }
    interruptions(page);
    page.end();
  }

  private void waiting(List<Part> parts) {
    Waiting waited = time.waited();
    if (waited.divided().isZero()) {
      parts.add(new Part("waiting for data", "fill-b", waited.undivided()));
      return;
    }
    parts.add(new Part("waiting for fetching", "fill-b", waited.fetching()));
    parts.add(new Part("waiting for decoding", "fill-f", waited.decoding()));
    parts.add(new Part("waiting for the network", "fill-g", waited.network()));
    if (!waited.undivided().isZero()) {
      parts.add(new Part("waiting, not divided by an earlier build", "fill-h", waited.undivided()));
    }
  }

  private void interrupted(List<Part> parts) {
    Interrupted interrupted = time.interrupted();
    parts.add(new Part("lost work, trained again", "fill-i", interrupted.lost()));
    parts.add(new Part("downtime", "fill-d", interrupted.down()));
    if (!interrupted.undivided().isZero()) {
      parts.add(
          new Part("restarts, not divided by an earlier build", "fill-j", interrupted.undivided()));
    }
    parts.add(
        new Part(
            causesKnown ? "stalls without a restart" : "interruptions whose cause cannot be read",
            "fill-k",
            interrupted.stalled()));
  }

  /** Whether it is known of any what it cost. */
  private boolean restartsTell() {
    return !time.interrupted().lost().plus(time.interrupted().down()).isZero();
  }

  private String sentence() {
    Interrupted interrupted = time.interrupted();
    return String.format(
        Locale.ROOT,
        "Restarts cost %s of downtime, %s of all time, and %s of lost work, %s: at least %s.",
        duration(interrupted.down()),
        percent(time.share(interrupted.down())),
        duration(interrupted.lost()),
        percent(time.share(interrupted.lost())),
        count(interrupted.lostSteps(), "step"));
  }

  private String what(Kind kind) {
    return kind != Kind.STALL ? "restart" : causesKnown ? "stall" : "unknown";
  }

  private void interruptions(Html page) {
    List<Interruption> shown = time.longest();
    if (shown.isEmpty()) {
      return;
    }
    page.element("h3", "Interruptions");
    page.element(
        "p",
        "Times in which no step was taken that counts: restarts from a checkpoint, with the work that"
            + " was lost, and what else took at least five seconds and three usual steps.");
    String all = count(time.interruptions(), "interruption");
    String caption =
        shown.size() < time.interruptions()
            ? String.format(Locale.ROOT, "The longest %s of %s", count(shown.size()), all)
            : all;
    page.table(
        caption, "after step", "from", "lasted", "what", "downtime", "lost work", "steps lost");
    for (Interruption one : shown) {
      boolean divided = one.kind() == Kind.RESTART;
      page.row(
          count(one.afterStep()),
          Figures.time(one.from()),
          duration(one.lasted()),
          what(one.kind()),
          divided ? duration(one.down()) : "",
          divided ? duration(one.lost()) : "",
          divided ? count(one.lostSteps()) : "");
    }
    page.endTable();
  }
}

package io.simmim.pipeline.report.html;

import static io.simmim.pipeline.report.html.Figures.count;
import static io.simmim.pipeline.report.html.Figures.duration;
import static io.simmim.pipeline.report.html.Figures.percent;

import io.simmim.pipeline.report.story.Interruption;
import io.simmim.pipeline.report.story.TimeSpent;
import io.simmim.pipeline.report.story.TimeSpent.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Where the time went, and when no step was taken. */
final class TimeSection {
  private static final String HOW =
      "From the times in metrics.jsonl: each line tells when a step ended, how many images it had and"
          + " how many per second. What was trained after the last checkpoint before a failure is"
          + " trained again, and counts as interruption. Goodput is what computing and waiting have of"
          + " all time.";

  private static final String PARTS =
      "Fetching lasts until the bytes of all images of a micro-batch are there, and in a run on images"
          + " that keep arriving also until there are any. Decoding lasts from then until they are"
          + " decoded, augmented and masked, with the time that they wait for a task to do it. The"
          + " rest is the way to the trainer.";

  private final TimeSpent time;

  TimeSection(TimeSpent time) {
    this.time = time;
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
    parts.add(new Part("interruptions", "fill-d", time.interrupted()));
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

  private void interruptions(Html page) {
    List<Interruption> shown = time.longest().stream().filter(one -> !one.validation()).toList();
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
            ? "The longest %s of %s".formatted(count(shown.size()), all)
            : all;
    page.table(caption, "after step", "from", "lasted");
    for (Interruption one : shown) {
      page.row(count(one.afterStep()), Figures.time(one.from()), duration(one.lasted()));
    }
    page.endTable();
  }
}

package io.simmim.pipeline.report.html;

import static io.simmim.pipeline.report.html.Figures.count;

import io.simmim.pipeline.report.story.Arrivals;
import io.simmim.pipeline.report.story.RejectedImages;
import io.simmim.pipeline.report.story.RejectedImages.Example;
import io.simmim.pipeline.report.story.RejectedImages.Reason;
import java.util.Locale;
import java.util.Optional;

/** Which images could not be used, and which came while the run went on. */
record ImagesSection(RejectedImages rejected, Optional<Arrivals> arrivals) {
  void write(Html page) {
    page.begin("section").element("h2", "Rejected images");
    if (rejected.total() == 0) {
      page.element("p", "None: every image that was read could be used.");
    } else {
      rejected(page);
    }
    page.end();
    arrivals.ifPresent(log -> arrivals(page, log));
  }

  private void rejected(Html page) {
    page.table(
        String.format(
            Locale.ROOT,
            "%s by reason, with the first ones; rejected.jsonl has all",
            count(rejected.total(), "image")),
        "reason",
        "images",
        "examples");
    for (Reason reason : rejected.reasons()) {
      page.begin("tr").element("th", reason.text(), "scope", "row");
      page.element("td", count(reason.count())).begin("td");
      for (Example example : reason.examples()) {
        page.begin("div").element("code", example.uri());
        if (!example.reason().equals(reason.text())) {
          page.element("span", " " + example.reason(), "class", "soft");
        }
        page.end();
      }
      page.end().end();
    }
    page.endTable();
  }

  private static void arrivals(Html page, Arrivals log) {
    page.begin("section").element("h2", "Images that arrived");
    page.table("From " + String.join(", ", log.roots()), "images", "number");
    page.row("arrived", count(log.images()) + " (" + Figures.bytes(log.bytes()) + ")");
    page.row("trained on as new ones", count(log.used()));
    page.row("waiting", count(log.images() - log.used()));
    page.row("unusable", count(log.unusable()));
    page.row("deleted since", count(log.deleted()));
    page.endTable();
    page.table(
        log.days().size() == 1
            ? "Arrivals"
            : String.format(
                Locale.ROOT, "Arrivals of the last %s", count(log.days().size(), "day")),
        "day (UTC)",
        "images");
    for (Arrivals.Day day : log.days()) {
      page.row(day.date().toString(), count(day.images()));
    }
    page.endTable().end();
  }
}

package io.simmim.pipeline.report.html;

import static io.simmim.pipeline.report.html.Figures.count;

import io.simmim.pipeline.report.story.Arrivals;
import io.simmim.pipeline.report.story.RejectedImages;
import io.simmim.pipeline.report.story.RejectedImages.Example;
import io.simmim.pipeline.report.story.RejectedImages.Reason;
import io.simmim.pipeline.report.story.RunReport;
import io.simmim.pipeline.report.story.RunReport.Part;
import java.util.Locale;

/** Which images could not be used, and which came while the run went on. */
record ImagesSection(RunReport report) {
  private static final String GIVEN =
      "Images are given to steps in the order in which they came, somewhat ahead of the trainer. Those"
          + " that turn out unusable or are deleted keep their place, and nothing is trained on in it.";

  void write(Html page) {
    page.begin("section").element("h2", "Rejected images");
    RejectedImages rejected = report.rejected();
    if (!report.isRead(Part.REJECTED)) {
      page.element(
          "p",
          Part.REJECTED.unreadable()
              + (rejected.total() == 0
                  ? ", so how many there are is unknown."
                  : " to its end: there may be more than these."));
    } else if (rejected.total() == 0) {
      page.element("p", "None: every image that was read could be used.");
    }
    if (rejected.total() > 0) {
      rejected(page, rejected);
    }
    page.end();
    report.arrivals().ifPresent(log -> arrivals(page, log));
  }

  private static void rejected(Html page, RejectedImages rejected) {
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
    page.row("given to steps as new ones", count(log.used()));
    page.row("waiting", count(log.images() - log.used()));
    page.row("unusable", count(log.unusable()));
    page.row("deleted since", count(log.deleted()));
    page.endTable();
    page.element("p", GIVEN, "class", "soft");
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

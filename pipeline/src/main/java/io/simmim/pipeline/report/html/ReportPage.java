package io.simmim.pipeline.report.html;

import io.simmim.pipeline.report.story.RunReport;

/**
 * The page of a run: one file of HTML without scripts, which opens from disk and asks no network
 * for anything. It follows from the report alone.
 */
public final class ReportPage {
  /** Forbids what the page does not do anyway, whatever was in the names of files. */
  private static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

  private ReportPage() {}

  /** Writes it. */
  public static String of(RunReport report) {
    Html page = new Html();
    page.begin("html", "lang", "en").begin("head").empty("meta", "charset", "utf-8");
    page.empty("meta", "http-equiv", "Content-Security-Policy", "content", POLICY);
    page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    page.empty("meta", "name", "color-scheme", "content", "light dark");
    page.element("title", "SimMIM run " + report.output());
    page.begin("style").ours("\n" + PageStyle.CSS).end().end();
    page.begin("body").begin("main");
    new Headline(report).write(page);
    new TrainingCharts(report).write(page);
    WatchedSections.write(page, report.evaluations(), report.pictures());
    new TimeSection(report.history().time()).write(page);
    new ImagesSection(report.rejected(), report.arrivals()).write(page);
    StoredSection.write(page, report.stored());
    ConfigSection.write(page, report);
    return page.finish();
  }
}

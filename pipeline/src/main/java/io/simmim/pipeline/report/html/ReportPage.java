package io.simmim.pipeline.report.html;

import io.simmim.pipeline.report.story.RunReport;

/**
 * The page of a run: one file of HTML, which opens from disk and asks no network for anything. It
 * follows from the report alone.
 */
public final class ReportPage {
  private ReportPage() {}

  /** Writes it for a file. */
  public static String of(RunReport report) {
    return page(PageFrame.FILE, report, "");
  }

  /**
   * Writes it as it is served.
   *
   * @param others address of the page of all runs; empty if there are no others
   */
  public static String served(RunReport report, String others) {
    return page(PageFrame.SERVED, report, others);
  }

  private static String page(PageFrame frame, RunReport report, String others) {
    Html page = frame.begin("SimMIM run " + report.output());
    if (!others.isEmpty()) {
      page.begin("nav").element("a", "All runs", "href", others).end();
    }
    new Headline(report).write(page);
    new TrainingCharts(report).write(page);
    WatchedSections.write(page, report.evaluations(), report.pictures());
    new TimeSection(report).write(page);
    new CheckpointSection(report.checkpoints(), report.history().time()).write(page);
    new ImagesSection(report).write(page);
    StoredSection.write(page, report);
    ConfigSection.write(page, report);
    return page.finish();
  }
}

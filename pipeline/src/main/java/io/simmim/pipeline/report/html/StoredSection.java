package io.simmim.pipeline.report.html;

import static io.simmim.pipeline.report.html.Figures.bytes;
import static io.simmim.pipeline.report.html.Figures.count;

import io.simmim.pipeline.report.story.RunReport;
import io.simmim.pipeline.report.story.StoredParts;
import io.simmim.pipeline.report.story.StoredParts.Part;
import java.util.List;
import java.util.Locale;

/** Checkpoints, savepoints and models. */
final class StoredSection {
  private static final int MOST = 20;

  private StoredSection() {}

  static void write(Html page, RunReport report) {
    page.begin("section").element("h2", "Checkpoints and models");
    if (!report.isRead(RunReport.Part.STORED)) {
      page.element("p", "They cannot be read.").end();
      return;
    }
    StoredParts stored = report.stored();
    parts(
        page,
        stored.points(),
        "checkpoint or savepoint that a run can continue from",
        "checkpoints and savepoints that a run can continue from",
        "No checkpoint is kept there.");
    parts(page, stored.models(), "exported model", "exported models", "No model was exported.");
    page.end();
  }

  private static void parts(Html page, List<Part> parts, String one, String many, String none) {
    if (parts.isEmpty()) {
      page.element("p", none);
      return;
    }
    long all = parts.stream().mapToLong(Part::bytes).sum();
    String shown = parts.size() > MOST ? "; the newest " + MOST : "";
    page.table(
        String.format(
            Locale.ROOT,
            "%s %s, %s%s",
            count(parts.size()),
            parts.size() == 1 ? one : many,
            bytes(all),
            shown),
        "folder",
        "what",
        "size",
        "completed");
    for (Part part : parts.subList(0, Math.min(MOST, parts.size()))) {
      page.begin("tr").begin("th", "scope", "row").element("code", part.name()).end();
      page.element("td", part.kind()).element("td", bytes(part.bytes()));
      page.element("td", Figures.time(part.time())).end();
    }
    page.endTable();
  }
}

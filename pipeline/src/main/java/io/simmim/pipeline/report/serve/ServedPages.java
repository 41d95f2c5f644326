package io.simmim.pipeline.report.serve;

import io.simmim.pipeline.report.html.PageFrame;
import io.simmim.pipeline.report.html.ReportPage;
import io.simmim.pipeline.report.html.RunsPage;
import io.simmim.pipeline.report.story.RunReport;
import io.simmim.schemas.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pages of some runs: of one, or of several side by side. */
final class ServedPages {
  private static final Logger LOG = LoggerFactory.getLogger(ServedPages.class);

  private final ServedRuns runs;

  ServedPages(ServedRuns runs) {
    this.runs = runs;
  }

  /**
   * A page.
   *
   * @param query what was asked for
   * @return nothing if there is no such run
   */
  Optional<String> page(Map<String, List<String>> query) {
    List<String> one = query.getOrDefault(RunsPage.RUN, List.of());
    List<ServedRun> all = runs.all();
    if (one.isEmpty() && all.size() > 1) {
      return Optional.of(sideBySide(all, query.getOrDefault(RunsPage.COMPARED, List.of())));
    }
    Optional<ServedRun> run = one.isEmpty() ? Optional.of(all.get(0)) : runs.of(one.get(0));
    String others = all.size() > 1 ? "./" : "";
    return run.map(it -> ReportPage.served(it.report(1), others));
  }

  private static String sideBySide(List<ServedRun> all, List<String> compared) {
    List<RunsPage.Entry> entries = new ArrayList<>();
    for (ServedRun run : all) {
      try {
        RunReport report = run.report(all.size());
        entries.add(new RunsPage.Entry(run.output(), report, compared.contains(run.output())));
      } catch (UserError e) {
        LOG.info("left out: {}", e.getMessage()); // deleted since folders were listed
      }
    }
    if (entries.isEmpty()) {
      throw new UserError(
          String.format(Locale.ROOT, "none of %d runs can be read any more", all.size()));
    }
    return RunsPage.of(PageFrame.SERVED, entries);
  }
}

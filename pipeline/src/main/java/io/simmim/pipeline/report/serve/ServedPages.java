package io.simmim.pipeline.report.serve;

import io.simmim.pipeline.report.html.PageFrame;
import io.simmim.pipeline.report.html.ReportPage;
import io.simmim.pipeline.report.html.RunsPage;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The pages of some runs: of one, or of several side by side. */
final class ServedPages {
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
    return run.map(it -> ReportPage.served(it.report(), others));
  }

  private static String sideBySide(List<ServedRun> all, List<String> compared) {
    return RunsPage.of(
        PageFrame.SERVED,
        all.stream()
            .map(
                run ->
                    new RunsPage.Entry(run.output(), run.report(), compared.contains(run.output())))
            .toList());
  }
}

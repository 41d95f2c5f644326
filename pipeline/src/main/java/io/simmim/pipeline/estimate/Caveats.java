package io.simmim.pipeline.estimate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What no estimate can know, in plain words. */
final class Caveats {
  private Caveats() {}

  static List<String> of(List<RunEstimate> runs) {
    List<String> lines = new ArrayList<>();
    lines.add("What this does not know:");
    lines.add(
        "- whether storage delivers that fast, or throttles, while all readers ask at once: what was"
            + " measured was in memory.");
    lines.add("- what else runs on this machine meanwhile, and how fast another machine is.");
    lines.add(
        "- how often it is interrupted: a restart costs a start and the work since the last checkpoint.");
    lines.add("- how many images cannot be decoded: they cost a request and train nothing.");
    lines.add(
        runs.stream().anyMatch(run -> run.plan().isEndless())
            ? "- how many images arrive: such a run has no end, and while too few come it waits or replays."
            : "- what arrives later: a run keeps the list of images that it began with, unless it follows them.");
    for (RunEstimate run : runs) {
      int microBatch = run.config().training().microBatch();
      if (run.pace().measuredBatch() < microBatch) {
        lines.add(
            String.format(
                Locale.ROOT,
                "- %s: passes of %d images were timed, not of %d, which take longer than --seconds allow.",
                run.name(),
                run.pace().measuredBatch(),
                microBatch));
      }
    }
    return lines;
  }
}

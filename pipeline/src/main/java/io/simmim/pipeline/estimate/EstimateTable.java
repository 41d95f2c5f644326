package io.simmim.pipeline.estimate;

import io.simmim.schemas.text.Amount;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Estimates side by side, a column each. */
final class EstimateTable {
  private static final int JOB_MANAGER_MIB = 2048;
  private static final int MIB_PER_GIB = 1024;

  /** Slower paces have two digits behind the point. */
  private static final int TENTHS_FROM = 10;

  private final List<RunEstimate> runs;
  private final List<List<String>> rows = new ArrayList<>();

  private EstimateTable(List<RunEstimate> runs) {
    this.runs = runs;
  }

  /** The table, a line each. */
  static List<String> lines(List<RunEstimate> runs) {
    EstimateTable table = new EstimateTable(runs);
    table.fill();
    return table.aligned();
  }

  private void fill() {
    row("", RunEstimate::name);
    row("images of an epoch", run -> number(run.plan().stepsPerEpoch() * run.plan().globalBatch()));
    row("epochs", run -> run.plan().isEndless() ? "no end" : number(run.plan().epochs()));
    row(
        "steps",
        run ->
            String.format(Locale.ROOT, "%,d of %,d images", run.steps(), run.plan().globalBatch())
                + (run.plan().isEndless() ? " an epoch" : ""));
    row("parameters", run -> decimal(run.size().parameters() / 1e6) + " million");
    row("a core decodes", run -> rate(run.pace().decodedPerCore()));
    row("the trainer alone", run -> rate(run.pace().trainedPerSecond()) + " on " + device(run));
    row(
        "cores that keep it busy",
        run -> decimal(Math.ceil(10 * run.pace().busyCores()) / 10) + " that decode");
    row("both in one process", run -> rate(run.pace().bothPerSecond()));
    row("time on this machine", run -> time(run, run.seconds()));
    row("with as many cores as it needs", run -> time(run, run.secondsOfTrainer()));
    row("read from storage, an epoch", run -> Amount.bytes(run.size().epochBytes()));
    row("requests, an epoch", run -> number(run.size().epochRequests()));
    row("storage must deliver", run -> Amount.bytes(Math.round(run.bytesPerSecond())) + "/s");
    row("a checkpoint", run -> Amount.bytes(run.size().checkpointBytes()));
    row("with images ahead, at most", run -> Amount.bytes(checkpointWithImages(run)));
    row(
        "all checkpoints, at most",
        run -> Amount.bytes((run.size().checkpoints() + 1) * checkpointWithImages(run)));
    row(
        "checkpoints written in an hour",
        run -> Amount.bytes(Math.round(run.checkpointBytesPerHour())));
    row(
        "exported models",
        run ->
            String.format(
                Locale.ROOT, "%,d of %s", run.exports(), Amount.bytes(run.exportBytes())));
    row("memory, one process here", run -> "up to " + gib(run.localMiB()));
    row("  of it Java's heap", run -> "up to " + gib(run.heapMiB()));
    row("memory, a TaskManager", run -> gib(run.pod().processMiB()) + cores(run));
    row("memory, the JobManager", run -> gib(JOB_MANAGER_MIB));
    if (runs.stream().anyMatch(run -> run.deviceMiB() > 0)) {
      row("memory of the GPU", run -> run.deviceMiB() == 0 ? "none" : gib(run.deviceMiB()));
    }
  }

  private static long checkpointWithImages(RunEstimate run) {
    return run.size().checkpointBytes() + run.size().aheadBytes();
  }

  private static String cores(RunEstimate run) {
    return String.format(Locale.ROOT, ", %d cores, %d slots", run.pod().cores(), run.pod().slots());
  }

  private static String device(RunEstimate run) {
    return run.config().training().device();
  }

  private static String time(RunEstimate run, double seconds) {
    return Amount.time(seconds) + (run.plan().isEndless() ? " an epoch" : "");
  }

  private static String rate(double perSecond) {
    return String.format(Locale.ROOT, perSecond < TENTHS_FROM ? "%.2f" : "%.1f", perSecond)
        + " img/s";
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String gib(long mib) {
    return decimal((double) mib / MIB_PER_GIB) + " GiB";
  }

  private static String decimal(double number) {
    return String.format(Locale.ROOT, "%.1f", number);
  }

  private void row(String name, Function<RunEstimate, String> value) {
    List<String> row = new ArrayList<>(List.of(name));
    runs.forEach(run -> row.add(value.apply(run)));
    rows.add(row);
  }

  private List<String> aligned() {
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < row.size(); column++) {
        line.append(String.format(Locale.ROOT, "%-" + (width(column) + 3) + "s", row.get(column)));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(1);
  }
}

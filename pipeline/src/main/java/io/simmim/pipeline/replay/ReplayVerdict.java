package io.simmim.pipeline.replay;

import io.simmim.trainer.state.TrainingPlatform;
import java.util.Locale;
import java.util.Optional;

/**
 * How the loss of a replayed step stands to what the run told of it.
 *
 * @param replayed the loss now
 * @param told the run's; NaN if it tells of none
 * @param firstDifferent first replayed step whose loss is another than the run's; 0 if there is
 *     none
 * @param platform what it is trained with now
 * @param before what the checkpoint was trained with; empty at the beginning of a run
 */
record ReplayVerdict(
    double replayed,
    double told,
    long firstDifferent,
    TrainingPlatform platform,
    Optional<TrainingPlatform> before) {
  /** One line for people. */
  String line() {
    if (Double.isNaN(told)) {
      return String.format(
          Locale.ROOT,
          "replayed loss %s; metrics.jsonl has none of this step%s",
          rounded(replayed),
          firstDifferent == 0 ? "" : "; " + difference());
    }
    if (firstDifferent == 0) {
      return String.format(
          Locale.ROOT,
          "replayed loss %s, run's %s: the same to the last bit",
          rounded(replayed),
          rounded(told));
    }
    // All digits, as they may differ in the last one only.
    return String.format(
        Locale.ROOT, "replayed loss %s, run's %s: %s", replayed, told, difference());
  }

  private String difference() {
    String reason =
        before
            .filter(then -> !then.equals(platform))
            .map(then -> "trained with " + then.text())
            .orElse(
                "the run may have had another libtorch, device, kernels or number of threads, or images have changed");
    return String.format(
        Locale.ROOT,
        "steps differ from step %d on; replayed with %s; %s",
        firstDifferent,
        platform.text(),
        reason);
  }

  /** The same of a step that ends the replay, as it may have ended the run. */
  static String diverged(String message, double told) {
    String end = message.split(";", 2)[0];
    return Double.isNaN(told)
        ? String.format(Locale.ROOT, "replayed: %s, as the run ended", end)
        : String.format(Locale.ROOT, "replayed: %s; the run's loss was %s", end, rounded(told));
  }

  private static String rounded(double loss) {
    return String.format(Locale.ROOT, "%.4f", loss);
  }
}

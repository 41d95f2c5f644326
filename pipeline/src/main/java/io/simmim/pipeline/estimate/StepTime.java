package io.simmim.pipeline.estimate;

import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.kubernetes.StepEstimate;
import io.simmim.pipeline.run.RunSize;
import java.util.Locale;
import java.util.Optional;

/** What a training step on a CPU takes, of which nothing is measured yet. */
public final class StepTime {
  /**
   * What a core computes in a second, to a factor of three: docs/benchmarks.md has 70e9 in fp32
   * with AVX-512, and other work takes a part of it.
   */
  private static final double CORE_OPERATIONS = 50e9;

  /** Whoever waits for less sees the first line of progress in time. */
  private static final double LONGEST_SECONDS = 30;

  private StepTime() {}

  /** A line for a user who may not know how much a step is; empty if steps are soon done. */
  public static Optional<String> slownessOnCpu(SimmimConfig config) {
    int threads = config.training().threads();
    return slownessOnCpu(
        config, threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
  }

  static Optional<String> slownessOnCpu(SimmimConfig config, int cores) {
    long images = (long) config.training().microBatch() * config.training().accumulation();
    double seconds =
        StepEstimate.of(config).operations() * images / (CORE_OPERATIONS * Math.max(1, cores));
    if (!config.training().device().equals("cpu") || seconds < LONGEST_SECONDS) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "training.device is cpu: a step of %,d images through %.1f million parameters takes some"
                + " %s on %d %s; --preset vit-tiny is made for CPUs, bin/simmim estimate measures this"
                + " one",
            images,
            RunSize.parameters(config) / 1e6,
            duration(seconds),
            cores,
            cores == 1 ? "core" : "cores"));
  }

  private static String duration(double seconds) {
    double minutes = seconds / 60;
    return minutes < 2
        ? Math.round(seconds) + " seconds"
        : minutes < 120
            ? Math.round(minutes) + " minutes"
            : String.format(Locale.ROOT, "%,d hours", Math.round(minutes / 60));
  }
}

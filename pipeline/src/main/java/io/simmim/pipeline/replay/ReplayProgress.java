package io.simmim.pipeline.replay;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

/** Tells people every few seconds how far a replay is. Belongs to one thread. */
final class ReplayProgress {
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final long total;
  private final Consumer<String> say;
  private final long start = System.nanoTime();
  private long told = start;

  /**
   * One that begins now.
   *
   * @param total number of steps
   */
  ReplayProgress(long total, Consumer<String> say) {
    this.total = total;
    this.say = say;
  }

  /** So many steps are done. */
  void done(long steps) {
    long now = System.nanoTime();
    if (now - told < INTERVAL.toNanos() || steps >= total) {
      return;
    }
    told = now;
    double perStep = (now - start) / 1e9 / steps;
    long seconds = Math.round((total - steps) * perStep);
    say.accept(
        String.format(
            Locale.ROOT,
            "replayed %d/%d steps  %.2f s/step  ETA %d:%02d:%02d",
            steps,
            total,
            perStep,
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60));
  }
}

package io.simmim.pipeline.replay;

import static io.simmim.pipeline.run.folder.RunFolder.readable;

import io.simmim.pipeline.run.StoredRun;
import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.schemas.UserError;
import io.simmim.trainer.weights.WeightsReference;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where a replay starts.
 *
 * @param point checkpoint or savepoint; nothing at the beginning of the run
 * @param steps that are complete there
 */
record ReplayStart(Optional<RestorePoint> point, long steps) {
  private static final String FROM = "--from";

  /**
   * Chooses it.
   *
   * @param step that is replayed, from 1
   * @param from checkpoint or savepoint that the user names; else the newest one of the run that is
   *     before the step, or the beginning
   * @param say takes lines for people
   * @throws UserError if the one that is named is not before the step, or of other images
   */
  static ReplayStart choose(StoredRun run, long step, Optional<String> from, Consumer<String> say) {
    return from.isPresent() ? named(run, step, from.get()) : newest(run, step, say);
  }

  private static ReplayStart named(StoredRun run, long step, String uri) {
    RestorePoint point = RestorePoint.at(FROM, uri);
    if (!run.passes(point.source())) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "%s must be a checkpoint of the run in %s; this one has other images: %s",
              FROM,
              readable(run.folder().root()),
              uri));
    }
    long steps = point.steps();
    if (steps >= step) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "%s must be a checkpoint before step %d: %s is after step %d",
              FROM,
              step,
              uri,
              steps));
    }
    return new ReplayStart(Optional.of(point), steps);
  }

  private static ReplayStart newest(StoredRun run, long step, Consumer<String> say) {
    ReplayStart best = new ReplayStart(Optional.empty(), 0);
    for (RestorePoint point : RestorePoint.all(run.folder())) {
      try {
        Optional<String> damage = point.damage();
        if (damage.isPresent()) {
          say.accept("left out: " + readable(point.path()) + " is damaged: " + damage.get());
          continue;
        }
        long steps = point.steps();
        boolean isBetter = steps < step && (best.point.isEmpty() || steps > best.steps);
        if (isBetter && run.passes(point.source())) { // a course may have been abandoned
          best = new ReplayStart(Optional.of(point), steps);
        }
      } catch (UserError e) {
        // A run that is under way may have deleted it just now.
        say.accept("left out: " + e.getMessage());
      }
    }
    return best;
  }

  /**
   * What the parameters are read from at the beginning, unless they are drawn.
   *
   * @throws UserError if nothing is there any more
   */
  Optional<WeightsReference> initial(StoredRun run, long step) {
    if (point.isPresent()) {
      return Optional.empty();
    }
    try {
      return run.initial();
    } catch (UserError e) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "step %d cannot be replayed: no checkpoint is before it, and not even the beginning is there: %s",
              step,
              e.getMessage()),
          e);
    }
  }

  /** For people. */
  String text() {
    if (point.isEmpty()) {
      return "the beginning of the run";
    }
    String name = point.get().path().getName();
    return String.format(
        Locale.ROOT, "%s%s (step %,d)", name.startsWith("chk-") ? "checkpoint " : "", name, steps);
  }
}

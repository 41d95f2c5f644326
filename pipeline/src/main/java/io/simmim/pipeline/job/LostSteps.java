package io.simmim.pipeline.job;

import static io.simmim.pipeline.run.folder.RunFolder.readable;

import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import io.simmim.schemas.checkpoint.Reached;
import io.simmim.trainer.operator.progress.ProgressNote;
import java.util.Optional;

/**
 * What a job that ends without a savepoint has to do again.
 *
 * @param reached how far it is; empty if it has not begun, or takes no steps
 */
record LostSteps(RunFolder folder, Optional<Reached> reached) {
  /** As its output tells. */
  static LostSteps of(RunFolder folder) {
    return new LostSteps(folder, ProgressNote.stored(folder.root().toString()));
  }

  /**
   * Why there is no savepoint yet. Behind the last step no other one follows, but what is written
   * of it.
   *
   * @param since when it was asked for, milliseconds since 1970
   */
  String reason(long since) {
    return reached
        .filter(it -> it.epochMillis() <= since)
        .map(
            it ->
                it.step() == 0
                    ? "step 1 takes longer"
                    : "what follows step %d takes longer".formatted(it.step()))
        .orElse("the savepoint takes longer");
  }

  /** What is done again, and from where. */
  String line() {
    if (reached.filter(it -> it.step() == 0).isPresent()) {
      return "no step is complete yet";
    }
    Optional<RestorePoint> newest;
    try {
      newest = RestorePoint.all(folder).stream().findFirst();
    } catch (UserError e) { // what kept the savepoint from being written, perhaps
      return "what came after the newest checkpoint is done again (%s)".formatted(e.getMessage());
    }
    if (newest.isEmpty()) {
      return "there is no checkpoint yet, so everything is done again";
    }
    String path = readable(newest.get().path());
    Optional<Long> from = steps(newest.get());
    if (from.isEmpty() || reached.isEmpty()) {
      return "what came after the newest checkpoint, %s, is done again".formatted(path);
    }
    return reached.get().step() <= from.get()
        ? "the newest checkpoint, %s, has all %d complete steps".formatted(path, from.get())
        : "steps %d to %d, after the newest checkpoint, %s, are taken again"
            .formatted(from.get() + 1, reached.get().step(), path);
  }

  private static Optional<Long> steps(RestorePoint point) {
    try {
      return Optional.of(point.steps());
    } catch (UserError e) {
      return Optional.empty(); // of a job that takes none, or damaged, which the next start tells
    }
  }
}

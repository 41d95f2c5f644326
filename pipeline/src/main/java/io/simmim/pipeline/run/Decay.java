package io.simmim.pipeline.run;

import io.simmim.operators.source.SourceCheckpoint;
import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.UserError;
import java.util.Optional;

/**
 * The end of a continuous run: from some step on the learning rate falls, and the run is complete
 * when it has. The start is where the run stood when it was first told to end; it is remembered, so
 * that a decay that is interrupted goes on as it was.
 *
 * @param start steps before it
 * @param steps its length
 */
public record Decay(long start, long steps) {
  /** Steps of the whole run. */
  public long end() {
    return Math.addExact(start, steps);
  }

  /**
   * The decay of a run that is about to start.
   *
   * @param wanted steps that the user asks for; 0 for none
   * @param before the decay that the run was told of earlier
   * @param restore where the run continues
   */
  static Optional<Decay> of(
      long wanted, Optional<Decay> before, Optional<RestorePoint> restore, BatchPlan plan) {
    if (restore.isEmpty()) {
      if (wanted > 0) {
        throw new UserError(
            "--decay-steps ends a continuous run, but there is no checkpoint of one to continue: "
                + wanted);
      }
      return Optional.empty();
    }
    SourceCheckpoint source = restore.get().source();
    long planned = SourceCheckpoint.steps(source.nextChunk(), plan);
    boolean begun = before.isPresent() && planned > before.get().start();
    if (begun && wanted > 0 && wanted != before.get().steps()) {
      throw new UserError(
          "--decay-steps must be %d, as the run has been decaying since step %d (--resume PATH of an older savepoint goes back): %d"
              .formatted(before.get().steps(), before.get().start(), wanted));
    }
    if (begun) {
      return before;
    }
    return wanted > 0 ? Optional.of(new Decay(planned, wanted)) : Optional.empty();
  }
}

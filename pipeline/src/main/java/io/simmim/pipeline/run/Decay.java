package io.simmim.pipeline.run;

import com.fasterxml.jackson.databind.JsonNode;
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
  /** Far more than any run takes; what begins there and is that long still has an end. */
  private static final long MOST_STEPS = 1L << 39;

  public Decay {
    if (start < 0 || start >= MOST_STEPS || steps < 1 || steps >= MOST_STEPS) {
      throw new IllegalArgumentException(
          "decay must start at a step from 0 and be 1 step or longer, both below %d: start %d, steps %d"
              .formatted(MOST_STEPS, start, steps));
    }
  }

  /**
   * Reads what a run's record says of it.
   *
   * @throws IllegalArgumentException if that is none
   */
  public static Decay read(JsonNode decay) {
    return new Decay(decay.path("start").asLong(-1), decay.path("steps").asLong());
  }

  /** Steps of the whole run. */
  public long end() {
    return start + steps;
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

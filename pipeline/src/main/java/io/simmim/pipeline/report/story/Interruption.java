package io.simmim.pipeline.report.story;

import java.time.Duration;
import java.time.Instant;

/**
 * Time between two steps that count in which no step was taken that does.
 *
 * @param afterStep the last step before it
 * @param from when that step ended
 * @param lasted until the next step began
 * @param kind why
 * @param lost part of it in which steps were trained that had to be trained again
 * @param lostSteps how many these were
 */
public record Interruption(
    long afterStep, Instant from, Duration lasted, Kind kind, Duration lost, long lostSteps) {
  /** Why no step was taken. */
  public enum Kind {
    /** The run went on from a checkpoint. */
    RESTART,
    /** The same, and nobody noted how far it had been: what was lost is not known. */
    RESTART_UNDIVIDED,
    /** Nobody tells. */
    STALL
  }

  /** The rest of it. */
  public Duration down() {
    return lasted.minus(lost);
  }
}

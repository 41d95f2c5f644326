package io.simmim.pipeline.report.story;

import java.time.Instant;
import java.util.Optional;

/**
 * How a run stands.
 *
 * @param lastSign when it was last heard of
 */
public record RunState(Kind kind, Optional<Instant> lastSign) {
  /** What can be told from outside. */
  public enum Kind {
    /** All steps were taken, and the trained model is there. */
    FINISHED,
    /** It was heard of within the last minute. */
    UNDER_WAY,
    /** It has ended in an orderly way, and can be continued. */
    STOPPED,
    /** What would tell cannot be read. */
    UNKNOWN,
    /** It has not given its output back, and is silent: killed, or its machine is away. */
    SILENT
  }
}

package io.simmim.pipeline.run.lease;

/** What happens to an output that another run seems to write to. */
public enum Takeover {
  /** It is refused, unless the other run gives no sign of life. */
  IF_DEAD,
  /** It is taken; the other run notices and ends. */
  BY_FORCE
}

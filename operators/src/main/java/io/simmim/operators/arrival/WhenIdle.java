package io.simmim.operators.arrival;

/** What a continuous run does while too little arrives. */
public enum WhenIdle {
  /** Trains on older images. */
  REPLAY,
  /** Waits. */
  WAIT
}

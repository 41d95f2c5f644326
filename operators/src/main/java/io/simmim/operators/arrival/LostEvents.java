package io.simmim.operators.arrival;

/** What to do when Kafka has deleted events before they were read. */
public enum LostEvents {
  /** Fail, since images would be lost. */
  FAIL,
  /** Go on with the oldest event that there is, and count the lost ones. */
  CONTINUE
}

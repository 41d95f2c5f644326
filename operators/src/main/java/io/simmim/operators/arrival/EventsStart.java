package io.simmim.operators.arrival;

/** Where a new run begins to read a topic. */
public enum EventsStart {
  /** With the oldest event that Kafka still has. */
  EARLIEST,
  /** With the first one that comes after the start. */
  LATEST
}

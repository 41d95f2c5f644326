package io.simmim.operators.arrival.notification;

/** An event, or a whole message, is not used. Its reason is one of a fixed few, to be counted. */
final class SkippedEvent extends Exception {
  SkippedEvent(String reason) {
    super(reason, null, false, false); // there may be thousands, and nobody reads their traces
  }

  String reason() {
    return getMessage();
  }
}

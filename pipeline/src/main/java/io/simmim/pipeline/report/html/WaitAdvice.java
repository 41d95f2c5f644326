package io.simmim.pipeline.report.html;

/** What to do about a trainer that waits for data. */
final class WaitAdvice {
  /** Below, more decoding would not be felt. */
  private static final double LITTLE = 0.05;

  private static final double MUCH = 0.3;

  private WaitAdvice() {}

  /** A sentence, by the share of the time of steps. */
  static String of(double share) {
    if (Double.isNaN(share)) {
      return "";
    }
    if (share < LITTLE) {
      return "The images come fast enough.";
    }
    return (share < MUCH ? "" : "The trainer is held up by its data: ")
        + "more tasks that decode (-p, or cores) shorten it; where storage answers slowly, so does a"
        + " higher fetch.concurrency.";
  }
}

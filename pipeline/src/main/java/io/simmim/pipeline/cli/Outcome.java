package io.simmim.pipeline.cli;

/**
 * How a command ended.
 *
 * @param exitCode 0 = done, 1 = failed, 2 = the arguments are wrong
 * @param message what to tell on standard error; empty if nothing
 * @param cause for the log, or null
 */
record Outcome(int exitCode, String message, Throwable cause) {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int MISUSED = 2;

  static Outcome of(int exitCode) {
    return new Outcome(exitCode, "", null);
  }
}

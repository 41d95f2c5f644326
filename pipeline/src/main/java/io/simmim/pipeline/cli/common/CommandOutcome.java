package io.simmim.pipeline.cli.common;

/**
 * How a command ended.
 *
 * @param exitCode 0 = done, 1 = failed, 2 = the arguments are wrong
 * @param message what to tell on standard error; empty if nothing
 * @param cause for the log, or null
 */
public record CommandOutcome(int exitCode, String message, Throwable cause) {
  public static final int DONE = 0;
  public static final int FAILED = 1;
  public static final int MISUSED = 2;

  public static CommandOutcome of(int exitCode) {
    return new CommandOutcome(exitCode, "", null);
  }
}

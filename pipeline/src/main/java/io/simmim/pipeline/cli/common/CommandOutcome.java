package io.simmim.pipeline.cli.common;

import java.util.Optional;

/**
 * How a command ended.
 *
 * @param exitCode 0 = done, 1 = failed, 2 = the arguments are wrong
 * @param message what to tell on standard error; empty if nothing
 * @param section of the docs that explains it, if there is one
 * @param cause for the log, or null
 */
public record CommandOutcome(
    int exitCode, String message, Optional<String> section, Throwable cause) {
  public static final int DONE = 0;
  public static final int FAILED = 1;
  public static final int MISUSED = 2;

  public static CommandOutcome of(int exitCode) {
    return new CommandOutcome(exitCode, "", Optional.empty(), null);
  }

  /** What goes wrong by no fault of the user's. */
  public static CommandOutcome failed(String message, Throwable cause) {
    return new CommandOutcome(FAILED, message, Optional.empty(), cause);
  }

  /** The message with the section; empty if there is nothing to tell. */
  public String line() {
    return message + section.map(" (see %s)"::formatted).orElse("");
  }
}

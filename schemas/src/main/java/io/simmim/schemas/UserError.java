package io.simmim.schemas;

/**
 * A mistake or a situation that the user can mend, told in one line: what is wrong, the value, what
 * is allowed. The command line prints the message alone, without a stack trace.
 */
public final class UserError extends RuntimeException {
  public UserError(String message) {
    super(message);
  }

  public UserError(String message, Throwable cause) {
    super(message, cause);
  }
}

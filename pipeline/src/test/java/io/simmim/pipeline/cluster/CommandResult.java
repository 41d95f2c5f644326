package io.simmim.pipeline.cluster;

/**
 * How a command ended.
 *
 * @param exitCode its exit status
 * @param output standard output
 * @param errors standard error
 */
public record CommandResult(int exitCode, String output, String errors) {
  /** The result itself when the command succeeded; otherwise fails with all that it printed. */
  public CommandResult orFail() {
    if (exitCode != 0) {
      throw new AssertionError(this);
    }
    return this;
  }

  @Override
  public String toString() {
    return "exit %d%n--- output ---%n%s%n--- errors ---%n%s".formatted(exitCode, output, errors);
  }
}

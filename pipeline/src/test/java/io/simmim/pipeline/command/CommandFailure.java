package io.simmim.pipeline.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cluster.CommandResult;

/** How commands fail: with one line. */
public final class CommandFailure {
  private CommandFailure() {}

  /**
   * Checks the only line on standard error.
   *
   * @param named a part of it, such as what is wrong
   */
  public static void assertOneLine(CommandResult result, String named) {
    assertThat(result.exitCode()).as(result.toString()).isNotZero();
    assertThat(result.errors().lines().toList()).as(result.toString()).hasSize(1);
    assertThat(result.errors()).contains(named);
    assertThat(result.output()).doesNotContain("Exception");
  }
}

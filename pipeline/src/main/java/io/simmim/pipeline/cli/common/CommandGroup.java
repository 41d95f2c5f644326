package io.simmim.pipeline.cli.common;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that does nothing without a subcommand, and says which there are. */
public abstract class CommandGroup implements Runnable {
  @Spec protected CommandSpec spec;
  private final String needed;

  /**
   * @param needed what the subcommand says, such as "what to measure"
   */
  public CommandGroup(String needed) {
    this.needed = needed;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "%s needs %s (allowed: %s)"
            .formatted(spec.name(), needed, String.join(", ", spec.subcommands().keySet())));
  }
}

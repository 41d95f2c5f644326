package io.simmim.pipeline.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code analyze}: figures of the paper that need no training. */
@Command(
    name = "analyze",
    description = "Computes what needs no training.",
    mixinStandardHelpOptions = true,
    subcommands = AnalyzeMasksCommand.class)
final class AnalyzeCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "analyze needs what to analyze (allowed: %s)"
            .formatted(String.join(", ", spec.subcommands().keySet())));
  }
}

package io.simmim.pipeline.cli.analyze;

import io.simmim.pipeline.cli.common.CommandGroup;
import picocli.CommandLine.Command;

/** {@code analyze}: figures of papers that need no training. */
@Command(
    name = "analyze",
    description = "Computes what needs no training.",
    mixinStandardHelpOptions = true,
    subcommands = {AnalyzeMasksCommand.class, AnalyzeAttentionCommand.class})
public final class AnalyzeCommand extends CommandGroup {
  AnalyzeCommand() {
    super("what to analyze");
  }
}

package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.job.TrainingRun.Place;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/**
 * Runs commands as the launcher does, but in the JVM of the test, whose code is warm: for what is
 * not about processes, such as the run that others are compared with. A job takes over this JVM's
 * file systems with its own settings.
 */
public final class InThisProcess {
  private InThisProcess() {}

  /** Runs a command to its end; what the launcher prints to standard error is in the result. */
  public static CommandResult run(List<String> arguments) {
    StringWriter output = new StringWriter();
    CommandOutcome outcome;
    try (PrintWriter printer = new PrintWriter(output)) {
      outcome = CommandLineInterface.run(arguments.toArray(String[]::new), Place.EMBEDDED, printer);
    }
    String errors = outcome.message().isEmpty() ? "" : "simmim: " + outcome.line() + "\n";
    return new CommandResult(outcome.exitCode(), output.toString(), errors);
  }
}

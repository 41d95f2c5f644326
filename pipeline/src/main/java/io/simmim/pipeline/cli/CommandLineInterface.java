package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.analyze.AnalyzeCommand;
import io.simmim.pipeline.cli.bench.BenchCommand;
import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.cli.common.Guide;
import io.simmim.pipeline.cli.evaluate.KnnCommand;
import io.simmim.pipeline.cli.evaluate.ProbeCommand;
import io.simmim.pipeline.cli.plan.CompletionCommand;
import io.simmim.pipeline.cli.plan.EstimateCommand;
import io.simmim.pipeline.cli.plan.Overview;
import io.simmim.pipeline.cli.show.ReportCommand;
import io.simmim.pipeline.cli.show.ShowCommand;
import io.simmim.pipeline.config.Nearest;
import io.simmim.pipeline.config.Version;
import io.simmim.pipeline.job.TrainingRun.Place;
import io.simmim.schemas.UserError;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.flink.client.program.ProgramAbortException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** All commands, and how their errors are told. */
@Command(
    name = "simmim",
    description = "SimMIM pre-training as one Apache Flink job",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    version = "simmim " + CommandLineInterface.VERSION,
    subcommands = {
      PretrainCommand.class,
      EstimateCommand.class,
      FinetuneCommand.class,
      DemoCommand.class,
      KnnCommand.class,
      ProbeCommand.class,
      EmbedCommand.class,
      ReconstructCommand.class,
      ShowCommand.class,
      ExportCommand.class,
      ParityCommand.class,
      BenchCommand.class,
      AnalyzeCommand.class,
      ReportCommand.class,
      CatalogCommand.class,
      KubernetesCommand.class,
      RescaleCommand.class,
      GpuCommand.class,
      PresetsCommand.class,
      CompletionCommand.class
    })
final class CommandLineInterface implements Runnable {
  static final String VERSION = Version.TEXT;

  private final Place place;

  @CommandLine.Spec private CommandSpec spec;

  private CommandLineInterface(Place place) {
    this.place = place;
  }

  /**
   * Runs one command.
   *
   * @param given none = what most people need is shown
   * @param place where jobs run
   * @param out for results and lines for people
   */
  static CommandOutcome run(String[] given, Place place, PrintWriter out) {
    String[] arguments = askedForHelp(given);
    if (arguments.length == 0) {
      out.print(Overview.text());
      out.flush();
      return CommandOutcome.of(CommandOutcome.DONE);
    }
    AtomicReference<CommandOutcome> failure = new AtomicReference<>();
    CommandLine commands = commands(place);
    commands.setOut(out);
    commands.setErr(out);
    commands.setCaseInsensitiveEnumValuesAllowed(true);
    commands.setParameterExceptionHandler(
        (exception, args) -> {
          failure.set(misused(message(exception), arguments, exception));
          return CommandOutcome.MISUSED;
        });
    commands.setExecutionExceptionHandler(
        (exception, command, parsed) -> {
          CommandOutcome outcome = Failures.outcome(exception, command(arguments));
          failure.set(outcome);
          return outcome.exitCode();
        });
    try {
      int exitCode = commands.execute(arguments);
      return failure.get() == null ? CommandOutcome.of(exitCode) : failure.get();
    } catch (ProgramAbortException e) {
      throw e; // Flink wanted the plan of the job, as its web UI shows it, and has it
    } catch (Error e) {
      // Memory may have run out, or a library is missing. Picocli hands on exceptions only.
      return Failures.outcome(e, command(arguments));
    }
  }

  static CommandLine commands(Place place) {
    return new CommandLine(new CommandLineInterface(place));
  }

  /** {@code help knn} is {@code knn --help}. */
  private static String[] askedForHelp(String[] given) {
    if (given.length == 0 || !given[0].equals("help")) {
      return given;
    }
    List<String> arguments = new ArrayList<>(List.of(given).subList(1, given.length));
    arguments.add("--help");
    return arguments.toArray(String[]::new);
  }

  /** Where the jobs of a command run. */
  static Place place(CommandSpec command) {
    return ((CommandLineInterface) command.root().userObject()).place;
  }

  @Override
  public void run() {
    throw new UserError("a command is missing (allowed: %s)".formatted(commandNames(spec)));
  }

  private static CommandOutcome misused(
      String message, String[] arguments, ParameterException exception) {
    return new CommandOutcome(
        CommandOutcome.MISUSED, message, Guide.section(command(arguments), message), exception);
  }

  private static String command(String[] arguments) {
    return arguments[0];
  }

  private static String message(ParameterException exception) {
    CommandSpec command = exception.getCommandLine().getCommandSpec();
    // A mistyped option is missing as well.
    List<String> unknown =
        exception instanceof UnmatchedArgumentException unmatched
            ? unmatched.getUnmatched()
            : exception instanceof MissingParameterException
                ? exception.getCommandLine().getUnmatchedArguments()
                : List.of();
    if (!unknown.isEmpty()) {
      String options =
          command.options().stream()
              .map(OptionSpec::longestName)
              .filter(name -> !name.matches("--(help|version)"))
              .collect(Collectors.joining(", "));
      String positional =
          command.positionalParameters().stream()
              .map(ArgSpec::paramLabel)
              .collect(Collectors.joining(" "));
      String allowed = command.subcommands().isEmpty() ? options : commandNames(command);
      String nearest = nearest(unknown.get(0), command).map("nearest: %s; "::formatted).orElse("");
      return "unknown argument of %s: %s (%sallowed: %s)"
          .formatted(
              command.qualifiedName(),
              unknown.get(0),
              nearest,
              allowed.isEmpty() ? "one " + positional : allowed);
    }
    return exception.getMessage().lines().collect(Collectors.joining(" "));
  }

  private static Optional<String> nearest(String unknown, CommandSpec command) {
    if (!unknown.startsWith("-")) {
      return Nearest.to(unknown, command.subcommands().keySet());
    }
    String name = unknown.replaceAll("^-+|=.*$", "");
    return Nearest.to(
            name,
            command.options().stream()
                .map(option -> option.longestName().replaceAll("^-+", ""))
                .toList())
        .map("--"::concat);
  }

  private static String commandNames(CommandSpec command) {
    return String.join(", ", command.subcommands().keySet());
  }
}

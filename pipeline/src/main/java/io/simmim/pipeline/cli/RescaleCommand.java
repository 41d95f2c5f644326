package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.rescale.Rescaler;
import io.simmim.pipeline.rescale.RunningJobs;
import io.simmim.pipeline.rescale.ScalingCommand;
import io.simmim.pipeline.rescale.ScalingRule;
import io.simmim.schemas.UserError;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rescale}: gives a running job the decoders that its trainer needs. */
@Command(
    name = "rescale",
    description =
        "Watches a run on a cluster, says how many decoders its trainer needs, and has it restarted"
            + " with them.",
    mixinStandardHelpOptions = true)
final class RescaleCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--rest",
      required = true,
      paramLabel = "HOST:PORT",
      description = "REST interface of the JobManager.")
  private String rest;

  @Option(
      names = "--output",
      paramLabel = "URI",
      description = "Output of the run (default: the only run on the cluster).")
  private String output;

  @Option(
      names = "--least",
      defaultValue = "1",
      paramLabel = "N",
      description = "Parallelism at least (default: ${DEFAULT-VALUE}).")
  private int least;

  @Option(names = "--most", required = true, paramLabel = "N", description = "Parallelism at most.")
  private int most;

  @Option(
      names = "--every",
      defaultValue = "30",
      paramLabel = "SECONDS",
      description = "Between two looks (default: ${DEFAULT-VALUE}).")
  private int every;

  @Option(
      names = "--window",
      defaultValue = "10",
      paramLabel = "N",
      description = "Looks that a decision takes (default: ${DEFAULT-VALUE}).")
  private int window;

  @Option(
      names = "--command",
      paramLabel = "COMMAND",
      description =
          "Restarts the job $SIMMIM_JOB with $SIMMIM_PARALLELISM (default: nothing is restarted). With"
              + " $SIMMIM_SAVEPOINT the job is stopped already, and is only to be started.")
  private String command;

  @Option(names = "--once", description = "Ends after the first decision.")
  private boolean once;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    rescaler(
            line -> {
              out.println(line);
              out.flush();
            })
        .watch(once);
    return CommandOutcome.DONE;
  }

  private Rescaler rescaler(Consumer<String> say) {
    try {
      return new Rescaler(
          new RunningJobs(rest),
          Optional.ofNullable(output),
          new ScalingRule(least, most),
          new Rescaler.Pace(Duration.ofSeconds(every), window),
          Optional.ofNullable(command).map(ScalingCommand::new),
          say);
    } catch (IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
  }
}

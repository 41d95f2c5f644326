package io.simmim.pipeline.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench}: measures one half of the job alone. */
@Command(
    name = "bench",
    description = "Measures the image path or the training step alone.",
    mixinStandardHelpOptions = true,
    subcommands = {BenchDataCommand.class, BenchDeviceCommand.class, BenchTrainCommand.class})
final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "bench needs what to measure (allowed: %s)"
            .formatted(String.join(", ", spec.subcommands().keySet())));
  }
}

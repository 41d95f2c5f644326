package io.simmim.pipeline.cli.bench;

import io.simmim.pipeline.cli.common.CommandGroup;
import picocli.CommandLine.Command;

/** {@code bench}: measures one half of the job alone. */
@Command(
    name = "bench",
    description = "Measures the image path or the training step alone.",
    mixinStandardHelpOptions = true,
    subcommands = {BenchDataCommand.class, BenchDeviceCommand.class, BenchTrainCommand.class})
public final class BenchCommand extends CommandGroup {
  BenchCommand() {
    super("what to measure");
  }
}

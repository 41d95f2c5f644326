package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.demo.Demo;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code demo}: a small model on made-up images in about a minute. */
@Command(
    name = "demo",
    description = "Trains a small model on made-up images in about a minute and shows the result.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "simmim-demo",
      description = "A local folder (default: ${DEFAULT-VALUE}).")
  private Path output;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "Changes one key, such as training.device=gpu0. May be repeated.")
  private List<String> settings = List.of();

  @Override
  public Integer call() throws Exception {
    new Demo(output, settings, spec.commandLine().getOut()::println)
        .run(CommandLineInterface.place(spec));
    return CommandOutcome.DONE;
  }
}

package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.ConfigText;
import io.simmim.pipeline.config.Presets;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code presets}: lists the presets, or prints one with everything that it leaves at defaults. */
@Command(
    name = "presets",
    description = "Lists the presets; with a name prints its resolved YAML.",
    mixinStandardHelpOptions = true)
final class PresetsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "A preset.")
  private String name;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (name == null) {
      int width = Presets.names().stream().mapToInt(String::length).max().orElse(0);
      for (String preset : Presets.names()) {
        out.printf("%-" + width + "s  %s%n", preset, Presets.summary(preset));
      }
      return CommandOutcome.DONE;
    }
    Presets.text(name).lines().takeWhile(line -> line.startsWith("#")).forEach(out::println);
    out.print(ConfigText.yaml(new ConfigLoader().preset(name).load().config()));
    out.flush();
    return CommandOutcome.DONE;
  }
}

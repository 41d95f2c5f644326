package io.simmim.pipeline.cli.common;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands have that read what others stored: how storage is reached. */
public final class ToolOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "Changes one key, such as flink.s3.endpoint=URL. May be repeated.")
  private List<String> assignments = List.of();

  /** The defaults with what the user changes. */
  public SimmimConfig config() {
    return new ConfigLoader().set(assignments).load().config();
  }

  /** What the user changes: {@code key=value} each. */
  public List<String> assignments() {
    return assignments;
  }

  /** Takes lines for people, who see each at once. */
  public Consumer<String> say() {
    PrintWriter out = command.commandLine().getOut();
    return line -> {
      out.println(line);
      out.flush();
    };
  }
}

package io.simmim.pipeline;

import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.CommandResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The launcher {@code bin/simmim}, run as people run it. */
final class CommandLine {
  private static final Path LAUNCHER = Path.of("..", "bin", "simmim").toAbsolutePath().normalize();
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final Path logs;
  private final List<String> wrapper;
  private final Map<String, String> environment;
  private int started;

  /**
   * @param name folder of the logs below {@code target/cli}
   * @param wrapper command and arguments that run the launcher, such as {@code setpriv}
   */
  CommandLine(String name, String... wrapper) {
    this.logs = Path.of("target", "cli", name).toAbsolutePath();
    this.wrapper = List.of(wrapper);
    this.environment = Map.of();
  }

  /**
   * @param name folder of the logs below {@code target/cli}
   * @param environment variables on top of the inherited ones
   */
  CommandLine(String name, Map<String, String> environment) {
    this.logs = Path.of("target", "cli", name).toAbsolutePath();
    this.wrapper = List.of();
    this.environment = environment;
  }

  /** Runs a command to its end. */
  CommandResult run(List<String> arguments) throws IOException, InterruptedException {
    try (ChildProcess process = start(arguments)) {
      return process.await(LIMIT);
    }
  }

  CommandResult run(String... arguments) throws IOException, InterruptedException {
    return run(List.of(arguments));
  }

  /** Starts a command. */
  ChildProcess start(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.add(LAUNCHER.toString());
    command.addAll(arguments);
    started++;
    return ChildProcess.start(logs, "simmim-" + started, environment, command);
  }
}

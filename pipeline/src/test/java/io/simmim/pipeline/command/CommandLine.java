package io.simmim.pipeline.command;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import io.simmim.pipeline.cluster.ChildProcess;
import io.simmim.pipeline.cluster.CommandResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The launcher {@code bin/simmim}, run as people run it. */
public final class CommandLine {
  private static final Path LAUNCHER = Path.of("..", "bin", "simmim").toAbsolutePath().normalize();
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** What lives for seconds does not earn back what the second compiler costs. */
  private static final Map<String, String> QUICK_START =
      Map.of("SIMMIM_JAVA_OPTS", "-XX:TieredStopAtLevel=1");

  static {
    makeClassArchive();
  }

  private final Path logs;
  private final List<String> wrapper;
  private final Map<String, String> environment;
  private int started;

  /**
   * @param name folder of the logs below {@code target/cli}
   * @param wrapper command and arguments that run the launcher, such as {@code setpriv}
   */
  public CommandLine(String name, String... wrapper) {
    this.logs = Path.of("target", "cli", name).toAbsolutePath();
    this.wrapper = List.of(wrapper);
    this.environment = Map.of();
  }

  /**
   * @param name folder of the logs below {@code target/cli}
   * @param environment variables on top of the inherited ones
   */
  public CommandLine(String name, Map<String, String> environment) {
    this.logs = Path.of("target", "cli", name).toAbsolutePath();
    this.wrapper = List.of();
    this.environment = environment;
  }

  /**
   * Once for all tests, whose JVMs wait for the one that comes first: each start is a third shorter
   * with it.
   */
  @SuppressWarnings("try") // the lock is held, not used
  private static void makeClassArchive() {
    Path target = Path.of("target").toAbsolutePath();
    Path archive = target.resolve("simmim.jsa");
    Path jar = target.resolve("simmim-pipeline.jar");
    Path logs = target.resolve("cli/class-archive");
    List<String> command = List.of(LAUNCHER.resolveSibling("class-archive").toString());
    try (FileChannel file = FileChannel.open(target.resolve("class-archive.lock"), CREATE, WRITE);
        FileLock lock = file.lock()) {
      if (Files.exists(archive)
          && Files.getLastModifiedTime(archive).compareTo(Files.getLastModifiedTime(jar)) > 0) {
        return;
      }
      try (ChildProcess process = ChildProcess.start(logs, "class-archive", QUICK_START, command)) {
        process.await(LIMIT).orFail();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Runs a command to its end. */
  public CommandResult run(List<String> arguments) throws IOException, InterruptedException {
    try (ChildProcess process = start(arguments)) {
      return process.await(LIMIT);
    }
  }

  public CommandResult run(String... arguments) throws IOException, InterruptedException {
    return run(List.of(arguments));
  }

  /** Starts a command. */
  public ChildProcess start(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.add(LAUNCHER.toString());
    command.addAll(arguments);
    started++;
    Map<String, String> all = new HashMap<>(QUICK_START);
    all.putAll(environment);
    return ChildProcess.start(logs, "simmim-" + started, all, command);
  }
}

package io.simmim.pipeline.cluster;

import io.simmim.schemas.OwnJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A process of its own, with its output in files. It is killed when this JVM ends, whatever
 * happens.
 */
public final class ChildProcess implements AutoCloseable {
  /**
   * Flags of a JVM that lives for seconds: it does not earn back what the second compiler costs,
   * nor what several threads that collect garbage do.
   */
  public static final List<String> QUICK_START =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private static final Duration KILL_LIMIT = Duration.ofMinutes(3);

  private final Process process;
  private final Path output;
  private final Path errors;
  private final Thread killer;

  private ChildProcess(Process process, Path output, Path errors) {
    this.process = process;
    this.output = output;
    this.errors = errors;
    this.killer = new Thread(process::destroyForcibly, "kill-" + process.pid());
    Runtime.getRuntime().addShutdownHook(killer);
  }

  /**
   * Starts a command.
   *
   * @param logs folder for NAME.out and NAME.err
   * @param name what to call it there
   * @param environment variables on top of the inherited ones
   * @param command program and arguments
   */
  public static ChildProcess start(
      Path logs, String name, Map<String, String> environment, List<String> command)
      throws IOException {
    Files.createDirectories(logs);
    Path output = logs.resolve(name + ".out");
    Path errors = logs.resolve(name + ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .redirectInput(Path.of("/dev/null").toFile());
    builder.environment().keySet().removeAll(OwnJvm.TELLING);
    builder.environment().putAll(environment);
    return new ChildProcess(builder.start(), output, errors);
  }

  /** The launcher of the JVM that runs the tests. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** What it printed so far. */
  public String output() {
    return read(output);
  }

  /** What it printed to standard error so far. */
  public String errors() {
    return read(errors);
  }

  /** Time of processors that it used so far; zero once it has ended. */
  public Duration processorTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Reachable instances of the classes whose names match, when it is a JVM. */
  public long instances(Pattern type) throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process histogram =
        new ProcessBuilder(jcmd, Long.toString(process.pid()), "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    String lines = new String(histogram.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (histogram.waitFor() != 0) {
      throw new IOException("jcmd: " + lines);
    }
    return lines
        .lines()
        .map(line -> line.trim().split(" +"))
        .filter(fields -> fields.length >= 4 && type.matcher(fields[3]).matches())
        .mapToLong(fields -> Long.parseLong(fields[1]))
        .sum();
  }

  /** Waits for the end; a process that exceeds the limit is killed and reported. */
  public CommandResult await(Duration limit) throws InterruptedException {
    boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    if (!ended) {
      kill();
      throw new AssertionError(
          "still running after " + limit + ": " + new CommandResult(-1, output(), errors()));
    }
    forget();
    return new CommandResult(process.exitValue(), output(), errors());
  }

  /** {@code kill -9}, and waits until the process is gone. */
  public void kill() {
    process.destroyForcibly();
    process.onExit().orTimeout(KILL_LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    forget();
  }

  /** Sends SIGTERM. */
  public void terminate() {
    process.destroy();
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      kill();
    }
  }

  private void forget() {
    Runtime.getRuntime().removeShutdownHook(killer);
  }

  private static String read(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

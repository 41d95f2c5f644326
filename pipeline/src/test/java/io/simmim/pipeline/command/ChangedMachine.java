package io.simmim.pipeline.command;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.simmim.pipeline.cluster.ChildProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The launcher on a machine that differs from this one; tests are skipped where none can be had.
 */
public final class ChangedMachine {
  private ChangedMachine() {}

  /** The launcher with a folder for temporary files that is mounted with options. */
  public static CommandLine withTemporaryFiles(String name, Path folder, String options)
      throws IOException, InterruptedException {
    return onMount(name, folder, options, "TMPDIR='%s' exec \"$@\"".formatted(folder));
  }

  /** The launcher within a script, whose output is a file system of a given size. */
  public static CommandLine onDisk(String name, Path folder, String size, String script)
      throws IOException, InterruptedException {
    return onMount(name, folder, "size=" + size, script);
  }

  private static CommandLine onMount(String name, Path folder, String options, String script)
      throws IOException, InterruptedException {
    String mount = "mount -t tmpfs -o %s none '%s' && ".formatted(options, folder);
    return within(name, List.of("--mount"), mount, script);
  }

  /** The launcher within a script, in namespaces of its own that are changed before. */
  public static CommandLine within(
      String name, List<String> namespaces, String change, String script)
      throws IOException, InterruptedException {
    List<String> wrapper = new ArrayList<>(List.of("unshare", "--map-root-user"));
    wrapper.addAll(namespaces);
    wrapper.addAll(List.of("sh", "-c"));
    assumeTrue(
        succeeds(Stream.concat(wrapper.stream(), Stream.of(change + "true")).toList()),
        "there are namespaces that can be changed");
    wrapper.addAll(List.of(change + script, "sh"));
    return new CommandLine(name, wrapper.toArray(String[]::new));
  }

  /** Whether a command can be run here. */
  public static boolean succeeds(List<String> command) throws IOException, InterruptedException {
    try (ChildProcess process =
        ChildProcess.start(Path.of("target", "cli", "probe"), "probe", Map.of(), command)) {
      return process.await(Duration.ofMinutes(2)).exitCode() == 0; // names may be asked for in vain
    }
  }
}

package io.simmim.pipeline.cluster;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.client.cli.CliFrontend;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;

/**
 * Flink's command line in the JVM of the test, which is warm, where a JVM of its own takes seconds
 * to start. It takes over this JVM's file systems with the cluster's settings.
 *
 * @param configuration folder of the cluster's {@code config.yaml}
 */
record FlinkClient(Path configuration) {
  /** Runs a command to its end. */
  CommandResult run(List<String> arguments) {
    Configuration settings = GlobalConfiguration.loadConfiguration(configuration.toString());
    CliFrontend client =
        new CliFrontend(
            settings, CliFrontend.loadCustomCommandLines(settings, configuration.toString()));
    PrintStream output = System.out;
    PrintStream errors = System.err;
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ByteArrayOutputStream complained = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(complained, true, StandardCharsets.UTF_8)) {
      System.setOut(out);
      System.setErr(err);
      int exitCode = client.parseAndRun(arguments.toArray(String[]::new));
      return new CommandResult(
          exitCode,
          printed.toString(StandardCharsets.UTF_8),
          complained.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(output);
      System.setErr(errors);
      Thread.currentThread().setContextClassLoader(loader);
    }
  }
}

package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.job.TrainingRun;
import io.simmim.pipeline.job.TrainingRun.Place;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.flink.client.program.ProgramParametrizationException;

/**
 * Entry point of {@code bin/simmim} and of {@code flink run}. The launcher gets exit codes; under
 * {@code flink run}, where a program must not end the JVM, errors are thrown as the exception whose
 * message alone Flink's client prints.
 */
public final class Main {
  /** Set by the launcher. */
  static final String LAUNCHER_PROPERTY = "simmim.launcher";

  private Main() {}

  public static void main(String[] arguments) {
    // Some languages have digits of their own, which names of files and numbers must not have.
    Locale.setDefault(Locale.ROOT);
    boolean launched = Boolean.getBoolean(LAUNCHER_PROPERTY);
    StandardOutput standard = new StandardOutput();
    PrintWriter out =
        new PrintWriter(launched ? standard : System.out, true, StandardCharsets.UTF_8);
    CommandOutcome outcome =
        CommandLineInterface.run(arguments, launched ? Place.EMBEDDED : Place.AS_FLINK_SAYS, out);
    out.flush();
    if (launched) {
      outcome = standard.checked(outcome, arguments);
      if (!outcome.message().isEmpty()) {
        System.err.println("simmim: " + outcome.line());
      }
      TrainingRun.removeScratch();
      deleteTemporaryLog(outcome);
      System.exit(outcome.exitCode());
    }
    if (outcome.exitCode() != 0) {
      ProgramParametrizationException failure =
          new ProgramParametrizationException(
              outcome.message().isEmpty() ? "exit code " + outcome.exitCode() : outcome.line());
      if (outcome.cause() != null) {
        failure.initCause(outcome.cause());
      }
      throw failure;
    }
  }

  /** A log is of use where a job went wrong, or where the user asked for it. */
  private static void deleteTemporaryLog(CommandOutcome outcome) {
    String log = System.getProperty(Failures.LOG_FILE_PROPERTY);
    if (log != null
        && Boolean.getBoolean("simmim.log.temporary")
        && outcome.exitCode() != CommandOutcome.FAILED) {
      try {
        for (String part : List.of("", ".1", ".2")) { // older parts: log4j2-launcher.xml
          Files.deleteIfExists(Path.of(log + part));
        }
      } catch (IOException e) {
        System.err.println("simmim: cannot delete the log " + log + ": " + e.getMessage());
      }
    }
  }
}

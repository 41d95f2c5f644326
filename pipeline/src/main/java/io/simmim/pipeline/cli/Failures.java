package io.simmim.pipeline.cli;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.pipeline.cli.common.Guide;
import io.simmim.pipeline.job.told.FailureLine;
import io.simmim.schemas.text.PrintableText;
import io.simmim.trainer.operator.failure.TorchFailure;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.client.program.ProgramInvocationException;
import org.apache.flink.runtime.client.JobExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells failures in one line; the log has the rest. */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  /** Commands whose threads compute at the same time. */
  private static final Set<String> OF_THREADS = Set.of("knn", "probe");

  /** Where the launcher keeps the log of this process. */
  static final String LOG_FILE_PROPERTY = "simmim.log.file";

  /** Characters of a line that people are shown, of which the end often says what is allowed. */
  private static final int LONGEST = 4000;

  private static final int BEGINNING = 3000;

  private Failures() {}

  /**
   * How a command ended that threw.
   *
   * @param command as the user wrote it
   */
  static CommandOutcome outcome(Throwable failure, String command) {
    boolean inJob = contains(failure, JobExecutionException.class);
    Optional<String> mistake = FailureLine.userError(failure);
    if (mistake.isPresent()) {
      LOG.debug("The command was refused", failure);
      return new CommandOutcome(
          inJob ? CommandOutcome.FAILED : CommandOutcome.MISUSED,
          shortened(PrintableText.of(mistake.get())),
          Guide.section(command, mistake.get()),
          failure);
    }
    LOG.error("The command failed", failure);
    return CommandOutcome.failed(
        "%s: %s%s (log: %s)"
            .formatted(
                inJob ? "the job failed" : "failed",
                PrintableText.of(FailureLine.of(failure)),
                hint(failure, command),
                System.getProperty(LOG_FILE_PROPERTY, "that of Flink's client and task managers")),
        failure);
  }

  /** Without the middle of what a file of others may have for a name or a value. */
  private static String shortened(String message) {
    return message.length() <= LONGEST
        ? message
        : message.substring(0, BEGINNING)
            + " … "
            + message.substring(message.length() - (LONGEST - BEGINNING));
  }

  /** What to do where this process may have too little; on a cluster it may be another one. */
  private static String hint(Throwable failure, String command) {
    if (OF_THREADS.contains(command) && TorchFailure.outOfMemory(failure).isPresent()) {
      return " (each thread has images of its own on the GPU: fewer --threads need less)";
    }
    for (Throwable link = failure; link != null; link = link.getCause()) {
      if (String.valueOf(link.getMessage()).contains("Too many open files")) {
        return " (more are allowed after: ulimit -n 4096)";
      }
      if (link instanceof OutOfMemoryError && System.getProperty(LOG_FILE_PROPERTY) != null) {
        return String.valueOf(link.getMessage()).contains("native thread")
            ? " (the system gives this process no more threads: use fewer)"
            : " (Java's heap may take %,d MiB here: SIMMIM_JAVA_OPTS=-Xmx8g gives it 8 GiB; smaller batches and fewer threads need less)"
                .formatted(Runtime.getRuntime().maxMemory() >> 20);
      }
    }
    return "";
  }

  private static boolean contains(Throwable failure, Class<?> type) {
    for (Throwable link = failure; link != null; link = link.getCause()) {
      if (type.isInstance(link) || link instanceof ProgramInvocationException) {
        return true;
      }
    }
    return false;
  }
}

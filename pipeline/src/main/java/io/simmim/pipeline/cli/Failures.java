package io.simmim.pipeline.cli;

import io.simmim.schemas.UserError;
import java.util.Optional;
import org.apache.flink.client.program.ProgramInvocationException;
import org.apache.flink.runtime.client.JobExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells failures in one line; the log has the rest. */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  /** Where the launcher keeps the log of this process. */
  static final String LOG_FILE_PROPERTY = "simmim.log.file";

  private static final String USER_ERROR = UserError.class.getName();

  private Failures() {}

  static Outcome outcome(Exception failure) {
    boolean inJob = contains(failure, JobExecutionException.class);
    Optional<String> mistake = userError(failure);
    if (mistake.isPresent()) {
      LOG.debug("The command was refused", failure);
      return new Outcome(inJob ? Outcome.FAILED : Outcome.MISUSED, mistake.get(), failure);
    }
    LOG.error("The command failed", failure);
    Throwable root = root(failure);
    return new Outcome(
        Outcome.FAILED,
        "%s: %s (log: %s)"
            .formatted(
                inJob ? "the job failed" : "failed",
                describe(root),
                System.getProperty(LOG_FILE_PROPERTY, "that of Flink's client and task managers")),
        failure);
  }

  /**
   * The message of a user's mistake anywhere in the chain. Flink carries exceptions of a job as
   * text if another class loader knows their class, so the class's name counts.
   */
  private static Optional<String> userError(Throwable failure) {
    for (Throwable link = failure; link != null; link = link.getCause()) {
      if (link instanceof UserError) {
        return Optional.of(link.getMessage());
      }
      // The text of such a link is "class: message".
      String text = String.valueOf(link.getMessage());
      if (link.toString().contains(USER_ERROR) && text.contains(USER_ERROR + ": ")) {
        return Optional.of(text.substring(text.indexOf(USER_ERROR) + USER_ERROR.length() + 2));
      }
    }
    return Optional.empty();
  }

  private static boolean contains(Throwable failure, Class<?> type) {
    for (Throwable link = failure; link != null; link = link.getCause()) {
      if (type.isInstance(link) || link instanceof ProgramInvocationException) {
        return true;
      }
    }
    return false;
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static String describe(Throwable root) {
    String text = root.getMessage() == null ? root.toString() : root.getMessage();
    String line = text.lines().findFirst().orElse("").strip();
    String type = root.getClass().getSimpleName();
    return line.isEmpty() || root.getMessage() == null ? type : type + ": " + line;
  }
}

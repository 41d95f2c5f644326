package io.simmim.pipeline.job.told;

import io.simmim.schemas.UserError;
import io.simmim.trainer.operator.failure.TorchFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.util.ExceptionUtils;

/**
 * The one line of a stack trace that says most. Works on text: Flink carries the exceptions of a
 * job as text wherever another class loader knows their class, and its REST interface does always.
 */
public final class FailureLine {
  private static final String USER_ERROR = UserError.class.getName();
  private static final String CAUSE = "Caused by: ";
  private static final String FRAME = "\tat ";
  private static final String OUR_FRAME = FRAME + "io.simmim.";

  /** What Flink's client puts around the failure of a job. */
  private static final String WRAPPERS = "org.apache.flink.runtime.client.";

  /** How Flink tells of a process that is gone: by its connection, its heartbeat, or its slots. */
  private static final List<String> LOST =
      List.of(
          "This might indicate that the remote task manager was lost",
          "Sending the partition request to",
          "is no longer reachable",
          "Heartbeat of TaskManager",
          "Connection reset by peer",
          "The TaskExecutor is shutting down",
          "has no more allocated slots for job");

  private static final String LOST_HINT =
      " (a task manager was lost; if its own log does not say why, it was killed: by the memory limit"
          + " of its container, by the kernel, or with its machine)";

  /** How Flink tells of tasks that have waited in vain for a slot. */
  private static final String NO_SLOTS = "NoResourceAvailableException";

  private static final String NO_SLOTS_HINT =
      " (the cluster has too few free slots: start more task managers, or set their"
          + " taskmanager.numberOfTaskSlots higher or the run's -p lower; with resources.* the task"
          + " managers must have what these ask for)";

  /** How Flink tells of its scheduler for another kind of jobs. */
  private static final String BATCH_ONLY = "Adaptive batch scheduler only supports batch jobs";

  private static final String BATCH_ONLY_HINT =
      " (jobmanager.scheduler of the cluster must be Default or Adaptive)";

  /** How Flink tells of a task that had failed when something was sent to it. */
  private static final List<String> UNHEARD =
      List.of(
          "An OperatorEvent from an OperatorCoordinator to a task was lost",
          "TaskNotRunningException");

  private static final String UNHEARD_HINT =
      " (the task had failed before, and Flink has not heard why; the log of its task manager says it)";

  private static final int LONGEST = 600;

  private FailureLine() {}

  /** What went wrong, in one line. */
  public static String of(Throwable failure) {
    return of(ExceptionUtils.stringifyException(failure));
  }

  /**
   * What went wrong, in one line.
   *
   * @param stackTrace as {@link Throwable#printStackTrace} writes it
   */
  public static String of(String stackTrace) {
    Optional<String> mistake = userError(stackTrace);
    if (mistake.isPresent()) {
      return mistake.get();
    }
    List<Link> chain = chain(stackTrace);
    Link root = chain.get(chain.size() - 1);
    Link told = chain.stream().filter(Link::isOurs).findFirst().orElse(root);
    String line =
        told.header().contains(root.message())
            ? told.line()
            : "%s: %s".formatted(told.line(), root.line());
    return shortened(line) + hint(chain);
  }

  private static String hint(List<Link> chain) {
    if (chain.stream().anyMatch(Link::tellsOfALostProcess)) {
      return LOST_HINT;
    }
    if (chain.stream().anyMatch(link -> link.header().contains(NO_SLOTS))) {
      return NO_SLOTS_HINT;
    }
    if (chain.stream().anyMatch(link -> link.header().contains(BATCH_ONLY))) {
      return BATCH_ONLY_HINT;
    }
    return chain.stream().anyMatch(Link::followsFromAnother) ? UNHEARD_HINT : "";
  }

  /** Whether a failure only tells that there was another one before it. */
  static boolean followsFromAnother(String stackTrace) {
    return chain(stackTrace).stream().anyMatch(Link::followsFromAnother);
  }

  /** The message of a user's mistake, wherever in the chain it is. */
  public static Optional<String> userError(Throwable failure) {
    return userError(ExceptionUtils.stringifyException(failure));
  }

  private static Optional<String> userError(String stackTrace) {
    int at = stackTrace.indexOf(USER_ERROR + ": ");
    if (at < 0) {
      return Optional.empty();
    }
    String line = stackTrace.substring(at).lines().findFirst().orElse("");
    return Optional.of(line.substring(line.lastIndexOf(USER_ERROR) + USER_ERROR.length() + 2));
  }

  private static List<Link> chain(String stackTrace) {
    List<Link> chain = new ArrayList<>();
    List<String> lines = stackTrace.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (i == 0 || line.startsWith(CAUSE)) {
        chain.add(new Link(header(lines, i), firstFrame(lines, i + 1)));
      }
    }
    return chain.isEmpty() ? List.of(new Link("", "")) : chain;
  }

  private static String header(List<String> lines, int at) {
    int end = at + 1;
    while (end < lines.size()
        && !lines.get(end).startsWith(FRAME)
        && !lines.get(end).startsWith(CAUSE)) {
      end++;
    }
    String whole = String.join("\n", lines.subList(at, end));
    String header = whole.startsWith(CAUSE) ? whole.substring(CAUSE.length()) : whole;
    int message = header.indexOf(": ") + 2;
    return message < 2
        ? header
        : header.substring(0, message) + TorchFailure.reason(header.substring(message));
  }

  private static String firstFrame(List<String> lines, int from) {
    for (int i = from; i < lines.size(); i++) {
      if (lines.get(i).startsWith(FRAME)) {
        return lines.get(i);
      }
      if (lines.get(i).startsWith(CAUSE)) {
        break;
      }
    }
    return "";
  }

  private static String shortened(String line) {
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }

  /**
   * One exception of a chain.
   *
   * @param header class, and the line of the message that says most
   * @param frame where it was thrown
   */
  private record Link(String header, String frame) {
    /** Whether the message is from this project, which says what was tried and why it failed. */
    boolean isOurs() {
      return frame.startsWith(OUR_FRAME) && header.contains(": ") && !header.startsWith(WRAPPERS);
    }

    String message() {
      return header.substring(header.indexOf(": ") + 1).strip();
    }

    boolean tellsOfALostProcess() {
      return LOST.stream().anyMatch(header::contains);
    }

    boolean followsFromAnother() {
      return UNHEARD.stream().anyMatch(header::contains);
    }

    String line() {
      int colon = header.indexOf(": ");
      String type = colon < 0 ? header : header.substring(0, colon);
      String simple = type.substring(type.lastIndexOf('.') + 1);
      return colon < 0 ? simple : simple + header.substring(colon);
    }
  }
}

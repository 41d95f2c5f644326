package io.simmim.pipeline.job.told;

import io.simmim.pipeline.job.settings.RestartBackoff;
import io.simmim.schemas.text.PrintableText;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.messages.webmonitor.ClusterOverview;
import org.apache.flink.runtime.rest.messages.JobExceptionsInfoWithHistory.ExceptionInfo;
import org.apache.flink.runtime.rest.messages.JobExceptionsInfoWithHistory.RootExceptionInfo;
import org.apache.flink.runtime.rest.messages.job.JobDetailsInfo.JobVertexDetailsInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says each restart of a job in one line while it runs: what failed, in which task, how often so
 * far, and when it is tried again; and that it waits for slots. Flink tells of them in its web UI
 * and its logs only. The failure that ends the job is left to whoever waits for its result.
 */
public final class RestartWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RestartWatch.class);
  private static final long INTERVAL_MILLIS = 1_000;

  /** As Flink begins the failures that it does not restart after. */
  private static final Pattern LAST =
      Pattern.compile("Recovery is suppressed by|The failure is not recoverable");

  /** What a cluster tells. */
  interface Cluster {
    /** The newest failures that made a job restart, in any order. */
    List<RootExceptionInfo> failures(JobID job) throws IOException, InterruptedException;

    /** The tasks of a job. */
    Collection<JobVertexDetailsInfo> tasks(JobID job) throws IOException, InterruptedException;

    /** What there is of task managers and slots. */
    ClusterOverview overview() throws IOException, InterruptedException;
  }

  private final Optional<RestInterface> rest;
  private final JobID job;
  private final ReadableConfig settings;
  private final Consumer<String> say;
  private final RestartBackoff backoff = new RestartBackoff();
  private final SlotWait slots = new SlotWait();
  private final CountDownLatch closed = new CountDownLatch(1);

  /** Those of the last look: each is told once, whatever the clock does. */
  private Set<Told> told = Set.of();

  private int restarts;
  private Thread thread;

  /**
   * A watch that does not look yet.
   *
   * @param rest closed with the watch; without, nothing is said
   * @param settings of the job
   * @param say takes lines for people
   */
  public RestartWatch(
      Optional<RestInterface> rest, JobID job, ReadableConfig settings, Consumer<String> say) {
    this.rest = rest;
    this.job = job;
    this.settings = settings;
    this.say = say;
  }

  /** Begins to look. */
  public RestartWatch start() {
    rest.ifPresent(
        source -> {
          thread = new Thread(() -> watch(source), "restart-watch");
          thread.setDaemon(true);
          thread.start();
        });
    return this;
  }

  private void watch(Cluster source) {
    try {
      while (!closed.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
        look(source);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asks once. */
  void look(Cluster source) throws InterruptedException {
    try {
      tell(source.failures(job));
      Optional<Integer> needed = slots.isDue() ? slots.look(source.tasks(job)) : Optional.empty();
      if (needed.isPresent()) {
        SlotWait.line(needed.get(), source.overview()).ifPresent(say);
      }
    } catch (IOException | RuntimeException e) {
      LOG.debug("Flink does not tell what failed", e); // it may just be ending
    }
  }

  /** Says what came since the last call. */
  void tell(List<RootExceptionInfo> history) {
    history.stream()
        .filter(failure -> !told.contains(Told.of(failure)))
        .sorted(Comparator.comparingLong(RootExceptionInfo::getTimestamp))
        .forEach(this::tell);
    told = history.stream().map(Told::of).collect(Collectors.toSet());
  }

  /** What tells a failure from the others. */
  private record Told(long timestamp, String stackTrace, String task) {
    static Told of(RootExceptionInfo failure) {
      return new Told(failure.getTimestamp(), failure.getStacktrace(), failure.getTaskName());
    }
  }

  private void tell(RootExceptionInfo failure) {
    if (LAST.matcher(failure.getStacktrace()).find()) {
      return;
    }
    restarts++;
    slots.failed();
    backoff.failed(Instant.ofEpochMilli(failure.getTimestamp()));
    String line = "restart %d: %s".formatted(restarts, PrintableText.of(what(first(failure))));
    say.accept(RestartBackoff.isIn(settings) ? line + "; " + whenAgain() : line);
  }

  /** What the others follow from, as far as Flink has heard of it. */
  private static ExceptionInfo first(RootExceptionInfo failure) {
    if (!FailureLine.followsFromAnother(failure.getStacktrace())) {
      return failure;
    }
    return failure.getConcurrentExceptions().stream()
        .filter(other -> !FailureLine.followsFromAnother(other.getStacktrace()))
        .findFirst()
        .orElse(failure);
  }

  private static String what(ExceptionInfo failure) {
    String reason = FailureLine.of(failure.getStacktrace());
    String task = failure.getTaskName();
    if (task == null) {
      return reason;
    }
    String name = task.replaceAll(" - execution #\\d+$", "");
    String endpoint = failure.getEndpoint();
    // In one process there are no ports, and no question where.
    return endpoint == null || endpoint.endsWith(":-1")
        ? "%s: %s".formatted(name, reason)
        : "%s on %s: %s".formatted(name, endpoint, reason);
  }

  private String whenAgain() {
    return "tries again in %d s (try %d of %d in a row)"
        .formatted(backoff.delay().toSeconds(), backoff.inARow(), RestartBackoff.ATTEMPTS);
  }

  @Override
  public void close() {
    closed.countDown();
    if (thread != null) {
      thread.interrupt(); // what it asked for may never be answered once the client is closed
    }
    rest.ifPresent(RestInterface::close);
  }
}

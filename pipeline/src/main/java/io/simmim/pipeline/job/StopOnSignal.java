package io.simmim.pipeline.job;

import io.simmim.pipeline.job.signal.SecondSignal;
import io.simmim.pipeline.job.told.FailureLine;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.run.lease.RunLease;
import io.simmim.schemas.UserError;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.CheckpointException;
import org.apache.flink.runtime.checkpoint.CheckpointFailureReason;
import org.apache.flink.runtime.scheduler.stopwithsavepoint.StopWithSavepointStoppingException;
import org.apache.flink.util.ExceptionUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops an embedded job when the process is told to end (Ctrl-C, SIGTERM): takes a savepoint, so
 * that nothing is lost, and tells how to go on. A savepoint waits for the micro-batch that is under
 * way. If there is none in ten minutes, or the process is told again, it ends without: the newest
 * checkpoint is still there.
 */
final class StopOnSignal {
  private static final Logger LOG = LoggerFactory.getLogger(StopOnSignal.class);
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** Until then nobody wonders. */
  private static final long NOTICE_SECONDS = 15;

  private static final String FAILED =
      "the job has failed, and its next try does not begin in a process that ends";
  private static final String CLOSED = "Flink in this process has ended already";
  private static final String FINISHED = "there was nothing left to save: it had come to its end";
  private static final String CONTINUES = "the same command continues";
  private static final long CANCEL_SECONDS = 20;
  private static final long ENDING_SECONDS = 2;
  private static final long RETRY_MILLIS = 200;

  /** Why Flink takes no savepoint while tasks come to their end. */
  private static final Set<CheckpointFailureReason> ENDING =
      EnumSet.of(
          CheckpointFailureReason.TASK_CHECKPOINT_FAILURE,
          CheckpointFailureReason.CHECKPOINT_DECLINED_TASK_CLOSING,
          CheckpointFailureReason.CHECKPOINT_COORDINATOR_SHUTDOWN);

  private final JobClient client;
  private final RunFolder folder;
  private final RunLease lease;
  private final Consumer<String> say;
  private final Runnable stopped;
  private final Runnable ended;
  private final Duration patience;
  private final Thread hook;
  private volatile boolean stopping;

  /**
   * @param stopped is called when the job has ended for that reason, while the lease is held
   * @param ended is called last, since this process may end before its main thread does anything
   */
  StopOnSignal(
      JobClient client,
      RunFolder folder,
      RunLease lease,
      Consumer<String> say,
      Runnable stopped,
      Runnable ended) {
    this(client, folder, lease, say, stopped, ended, PATIENCE);
  }

  StopOnSignal(
      JobClient client,
      RunFolder folder,
      RunLease lease,
      Consumer<String> say,
      Runnable stopped,
      Runnable ended,
      Duration patience) {
    this.client = client;
    this.folder = folder;
    this.lease = lease;
    this.say = say;
    this.stopped = stopped;
    this.ended = ended;
    this.patience = patience;
    this.hook = new Thread(this::told, "stop-on-signal");
  }

  void register() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  void unregister() {
    if (!stopping) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        LOG.debug("The process ends already", e);
      }
    }
  }

  /** Whether the job ends because the process was told to. */
  boolean stopping() {
    return stopping;
  }

  private void told() {
    if (!client.getJobExecutionResult().isDone()) {
      SecondSignal.endsAtOnce(this::endWithout);
      stop();
    }
  }

  void stop() {
    stopping = true;
    long began = System.currentTimeMillis();
    boolean saved = false;
    say.accept("stopping: saving the state (Ctrl-C again ends at once)");
    CompletableFuture<Void> notice =
        CompletableFuture.runAsync(
            () -> say.accept(takesLong(began)),
            CompletableFuture.delayedExecutor(NOTICE_SECONDS, TimeUnit.SECONDS));
    try {
      say.accept(saved(savepoint(client, folder.savepoints().toString(), patience)));
      saved = true;
    } catch (TimeoutException e) {
      LostSteps lost = LostSteps.of(folder);
      say.accept(
          "no savepoint within %d s: %s; %s"
              .formatted(patience.toSeconds(), lost.reason(began), lost.line()));
    } catch (ExecutionException e) {
      LOG.info("Stopping with a savepoint failed", e);
      Optional<String> there = savepointOf(e);
      if (there.isEmpty() && hasFinished(e)) {
        say.accept(FINISHED);
        lease.close();
        ended.run();
        return;
      }
      saved = there.isPresent();
      say.accept(there.map(StopOnSignal::saved).orElseGet(() -> notSaved(e)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      notice.cancel(false);
    }
    boolean isOver = saved || isCancelled();
    if (isOver) {
      stopped.run();
      lease.close();
    } else {
      lease.leave();
    }
    say.accept(CONTINUES);
    ended.run();
    if (!isOver) {
      SecondSignal.die();
    }
  }

  /**
   * Whether the job came to its end by itself, while it was asked for a savepoint. Flink refuses
   * that as soon as a task has ended, and tells of the end of the job a little later. Where it
   * refuses for another reason nothing is waited for: the job would go on meanwhile.
   */
  private boolean hasFinished(ExecutionException refusal) {
    long seconds = reason(refusal).filter(ENDING::contains).isPresent() ? ENDING_SECONDS : 0;
    try {
      client.getJobExecutionResult().get(seconds, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("The job has not come to its end", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private static String saved(String savepoint) {
    return "saved in " + RunFolder.readable(new Path(savepoint));
  }

  private String notSaved(ExecutionException failure) {
    return "no savepoint could be taken (%s); %s"
        .formatted(FailureLine.of(failure), LostSteps.of(folder).line());
  }

  private String takesLong(long began) {
    LostSteps lost = LostSteps.of(folder);
    return "%s; waiting up to %d s (Ctrl-C again ends at once: %s)"
        .formatted(lost.reason(began), patience.toSeconds(), lost.line());
  }

  /** Told again: there is no time to cancel the job. */
  private void endWithout() {
    say.accept("not saved; " + LostSteps.of(folder).line());
    say.accept(CONTINUES);
    ended.run();
  }

  /** A thread that trains while the process ends would use native memory that is freed already. */
  private boolean isCancelled() {
    try {
      client.cancel().get(CANCEL_SECONDS, TimeUnit.SECONDS);
      return client
          .getJobExecutionResult()
          .handle((result, failure) -> true)
          .get(CANCEL_SECONDS, TimeUnit.SECONDS);
    } catch (IllegalStateException e) {
      LOG.info(CLOSED, e);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      LOG.info("The job goes on until the process ends", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  /**
   * Stops a job with a savepoint. Flink takes none before all tasks run: right after the start that
   * is worth another try. After a failure it is not: Flink's own hooks have closed what tasks need
   * to start anew, and the newest checkpoint has all that is left.
   *
   * @return where the savepoint is
   * @throws ExecutionException if there can be none
   * @throws TimeoutException if there is none for so long
   */
  static String savepoint(JobClient client, String folder, Duration patience)
      throws ExecutionException, TimeoutException, InterruptedException {
    try {
      return savepointOnceItRuns(client, folder, patience);
    } catch (IllegalStateException e) { // so it answers as soon as the job has ended
      throw new ExecutionException(new UserError(CLOSED, e));
    }
  }

  private static String savepointOnceItRuns(JobClient client, String folder, Duration patience)
      throws ExecutionException, TimeoutException, InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return client
            .stopWithSavepoint(false, folder, SavepointFormatType.CANONICAL)
            .get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        if (!isStarting(e)) {
          throw e;
        }
        if (hasFailed(client)) {
          throw new ExecutionException(new UserError(FAILED, e));
        }
        LOG.info("Not all tasks run yet; trying to stop with a savepoint again");
        Thread.sleep(RETRY_MILLIS);
      }
    }
  }

  private static boolean isStarting(Exception failure) {
    return reason(failure)
        .filter(CheckpointFailureReason.NOT_ALL_REQUIRED_TASKS_RUNNING::equals)
        .isPresent();
  }

  private static Optional<CheckpointFailureReason> reason(Exception failure) {
    return ExceptionUtils.findThrowable(failure, CheckpointException.class)
        .map(CheckpointException::getCheckpointFailureReason);
  }

  private static boolean hasFailed(JobClient client)
      throws ExecutionException, InterruptedException {
    JobStatus status = client.getJobStatus().get();
    return status == JobStatus.FAILING || status == JobStatus.RESTARTING;
  }

  /**
   * The savepoint that is there although the job failed while it stopped. Flink lets that happen: a
   * reader may finish while the answer to its last request for splits is on its way. The savepoint
   * is consistent, and no sink here commits anything after it.
   */
  static Optional<String> savepointOf(Exception failure) {
    return ExceptionUtils.findThrowable(failure, StopWithSavepointStoppingException.class)
        .map(StopWithSavepointStoppingException::getSavepointPath);
  }
}

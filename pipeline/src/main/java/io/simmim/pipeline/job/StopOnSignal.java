package io.simmim.pipeline.job;

import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.run.lease.RunLease;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
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
 * that nothing is lost, and tells how to go on. If that does not work, the newest checkpoint is
 * still there.
 */
final class StopOnSignal {
  private static final Logger LOG = LoggerFactory.getLogger(StopOnSignal.class);
  private static final long PATIENCE_SECONDS = 120;
  private static final long CANCEL_SECONDS = 20;
  private static final long RETRY_MILLIS = 200;

  private final JobClient client;
  private final RunFolder folder;
  private final RunLease lease;
  private final Consumer<String> say;
  private final Runnable stopped;
  private final Runnable ended;
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
    this.client = client;
    this.folder = folder;
    this.lease = lease;
    this.say = say;
    this.stopped = stopped;
    this.ended = ended;
    this.hook = new Thread(this::stop, "stop-on-signal");
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

  private void stop() {
    if (client.getJobExecutionResult().isDone()) {
      return;
    }
    stopping = true;
    boolean saved = false;
    say.accept("stopping: saving the state");
    try {
      say.accept(
          "saved in "
              + RunFolder.readable(new Path(savepoint(client, folder.savepoints().toString()))));
      saved = true;
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("Stopping with a savepoint failed", e);
      Optional<String> there = savepointOf(e);
      saved = there.isPresent();
      say.accept(
          there
              .map(savepoint -> "saved in " + RunFolder.readable(new Path(savepoint)))
              .orElse("no savepoint could be taken; the newest checkpoint, if any, stays"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (saved || isCancelled()) {
      stopped.run();
      lease.close();
    } else {
      lease.leave();
    }
    say.accept("the same command continues");
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
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("The job goes on until the process ends", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  /**
   * Stops a job with a savepoint. Flink takes none before all tasks run: right after the start that
   * is worth another try.
   *
   * @return where the savepoint is
   */
  static String savepoint(JobClient client, String folder)
      throws ExecutionException, TimeoutException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      try {
        return client
            .stopWithSavepoint(false, folder, SavepointFormatType.CANONICAL)
            .get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        if (!isStarting(e)) {
          throw e;
        }
        LOG.info("Not all tasks run yet; trying to stop with a savepoint again");
        Thread.sleep(RETRY_MILLIS);
      }
    }
  }

  private static boolean isStarting(Exception failure) {
    return ExceptionUtils.findThrowable(failure, CheckpointException.class)
        .filter(
            refusal ->
                refusal.getCheckpointFailureReason()
                    == CheckpointFailureReason.NOT_ALL_REQUIRED_TASKS_RUNNING)
        .isPresent();
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

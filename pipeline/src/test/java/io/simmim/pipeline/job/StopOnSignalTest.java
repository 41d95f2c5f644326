package io.simmim.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.job.told.FailureLine;
import io.simmim.pipeline.run.Leases;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.pipeline.run.lease.LeaseTaking;
import io.simmim.pipeline.run.lease.RunLease;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.checkpoint.CheckpointException;
import org.apache.flink.runtime.checkpoint.CheckpointFailureReason;
import org.apache.flink.runtime.scheduler.stopwithsavepoint.StopWithSavepointStoppingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StopOnSignalTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir private Path output;
  private final Queue<CompletableFuture<String>> answers = new ArrayDeque<>();

  private JobStatus status = JobStatus.RUNNING;

  /** Gives Flink's answers to {@code stopWithSavepoint}, and the status. */
  private final JobClient client =
      (JobClient)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {JobClient.class},
              (proxy, method, arguments) ->
                  method.getName().equals("getJobStatus")
                      ? CompletableFuture.completedFuture(status)
                      : answers.remove());

  @Test
  void findsTheSavepointOfAJobThatFailedWhileItStopped() {
    Exception stopping =
        new StopWithSavepointStoppingException("file:/run/savepoints/savepoint-1", new JobID());

    assertThat(StopOnSignal.savepointOf(new ExecutionException(stopping)))
        .contains("file:/run/savepoints/savepoint-1");
    assertThat(StopOnSignal.savepointOf(new TimeoutException())).isEmpty();
  }

  @Test
  void triesAgainWhileTasksStart() throws Exception {
    answers.add(refusal(CheckpointFailureReason.NOT_ALL_REQUIRED_TASKS_RUNNING));
    answers.add(refusal(CheckpointFailureReason.NOT_ALL_REQUIRED_TASKS_RUNNING));
    answers.add(CompletableFuture.completedFuture("file:/run/savepoints/savepoint-2"));

    assertThat(StopOnSignal.savepoint(client, "file:/run/savepoints", PATIENCE))
        .isEqualTo("file:/run/savepoints/savepoint-2");
  }

  @ParameterizedTest
  @EnumSource(names = {"FAILING", "RESTARTING"})
  void givesUpWhereAJobHasFailedThatCannotStartAnew(JobStatus failed) {
    status = failed;
    answers.add(refusal(CheckpointFailureReason.NOT_ALL_REQUIRED_TASKS_RUNNING));

    assertThatThrownBy(() -> StopOnSignal.savepoint(client, "file:/run/savepoints", PATIENCE))
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseInstanceOf(CheckpointException.class)
        .satisfies(
            failure ->
                assertThat(FailureLine.of(failure))
                    .isEqualTo(
                        "the job has failed, and its next try does not begin in a process that"
                            + " ends"));
    assertThat(answers).isEmpty();
  }

  @Test
  void givesUpWhenStorageFails() {
    answers.add(refusal(CheckpointFailureReason.IO_EXCEPTION));

    assertThatThrownBy(() -> StopOnSignal.savepoint(client, "file:/run/savepoints", PATIENCE))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(CheckpointException.class);
    assertThat(answers).isEmpty();
  }

  @Test
  void tellsWhyNothingWasSavedAndWhatIsDoneAgain() throws IOException {
    RunFolder folder = RunFolder.open(output.toString());
    Files.writeString(
        output.resolve("progress.json"), "{\"step\":7,\"time\":\"2026-03-01T10:00:00Z\"}");
    List<String> said = new ArrayList<>();
    RunLease lease = LeaseTaking.take(folder, Leases.claim(), said::add);
    StopOnSignal stop =
        new StopOnSignal(
            neverSaves(),
            folder,
            lease,
            said::add,
            () -> said.add("stopped"),
            () -> said.add("ended"),
            Duration.ofSeconds(1));

    stop.stop();

    assertThat(said)
        .containsExactly(
            "stopping: saving the state (Ctrl-C again ends at once)",
            "no savepoint within 1 s: what follows step 7 takes longer; there is no checkpoint"
                + " yet, so everything is done again",
            "stopped",
            "the same command continues",
            "ended");
  }

  /**
   * Flink's cluster ends with the job, so it refuses to be asked: "MiniCluster is not yet running".
   */
  @Test
  void saysThatNothingWasLeftToSaveOfAJobThatCameToItsEnd() {
    assertThat(saidBy(closedCluster(CompletableFuture.completedFuture(null))))
        .containsExactly(
            "stopping: saving the state (Ctrl-C again ends at once)",
            "there was nothing left to save: it had come to its end",
            "ended");
  }

  /** A task that is not there any more refuses, and the end of the job is told after that. */
  @Test
  void saysThatNothingWasLeftToSaveOfAJobThatIsAboutToEnd() {
    assertThat(
            saidBy(
                ending(
                    CheckpointFailureReason.TASK_CHECKPOINT_FAILURE,
                    new CompletableFuture<>().completeOnTimeout(null, 100, TimeUnit.MILLISECONDS))))
        .containsExactly(
            "stopping: saving the state (Ctrl-C again ends at once)",
            "there was nothing left to save: it had come to its end",
            "ended");
  }

  @Test
  void saysWhatIsDoneAgainWhereTheClusterEndedWithAFailedJob() {
    assertThat(saidBy(closedCluster(CompletableFuture.failedFuture(new IOException("away")))))
        .containsExactly(
            "stopping: saving the state (Ctrl-C again ends at once)",
            "no savepoint could be taken (Flink in this process has ended already); there is no"
                + " checkpoint yet, so everything is done again",
            "stopped",
            "the same command continues",
            "ended");
  }

  /**
   * The last task has ended, and the cluster is closed before it is asked what became of the job.
   */
  @Test
  void saysItTooWhereTheClusterEndsBetweenTwoTries() {
    assertThat(
            saidBy(
                ending(
                    CheckpointFailureReason.NOT_ALL_REQUIRED_TASKS_RUNNING,
                    CompletableFuture.completedFuture(null))))
        .contains("there was nothing left to save: it had come to its end");
  }

  /**
   * A job that refuses a savepoint while it ends. Its cluster answers nothing else, as one that is
   * closed.
   */
  private static JobClient ending(CheckpointFailureReason why, CompletableFuture<?> result) {
    return (JobClient)
        Proxy.newProxyInstance(
            StopOnSignalTest.class.getClassLoader(),
            new Class<?>[] {JobClient.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "stopWithSavepoint" -> refusal(why);
                  case "getJobExecutionResult" -> result;
                  default -> throw new IllegalStateException(method.getName());
                });
  }

  private List<String> saidBy(JobClient job) {
    RunFolder folder = RunFolder.open(output.toString());
    List<String> said = new ArrayList<>();
    RunLease lease = LeaseTaking.take(folder, Leases.claim(), said::add);
    new StopOnSignal(
            job,
            folder,
            lease,
            said::add,
            () -> said.add("stopped"),
            () -> said.add("ended"),
            PATIENCE)
        .stop();
    return said;
  }

  private JobClient closedCluster(CompletableFuture<JobExecutionResult> result) {
    return (JobClient)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {JobClient.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("getJobExecutionResult")) {
                return result;
              }
              throw new IllegalStateException(
                  "MiniCluster is not yet running or has already been shut down.");
            });
  }

  /** A job whose savepoint does not come, but which can be cancelled. */
  private JobClient neverSaves() {
    return (JobClient)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {JobClient.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "stopWithSavepoint" -> new CompletableFuture<String>();
                  case "cancel" -> CompletableFuture.completedFuture(null);
                  case "getJobExecutionResult" -> CompletableFuture.completedFuture(null);
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private static CompletableFuture<String> refusal(CheckpointFailureReason reason) {
    return CompletableFuture.failedFuture(new CheckpointException(reason));
  }
}

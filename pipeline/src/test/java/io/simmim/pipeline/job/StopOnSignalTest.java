package io.simmim.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.checkpoint.CheckpointException;
import org.apache.flink.runtime.checkpoint.CheckpointFailureReason;
import org.apache.flink.runtime.scheduler.stopwithsavepoint.StopWithSavepointStoppingException;
import org.junit.jupiter.api.Test;

class StopOnSignalTest {
  private final Queue<CompletableFuture<String>> answers = new ArrayDeque<>();

  /** Gives Flink's answers to {@code stopWithSavepoint}, and is asked nothing else. */
  private final JobClient client =
      (JobClient)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {JobClient.class},
              (proxy, method, arguments) -> answers.remove());

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

    assertThat(StopOnSignal.savepoint(client, "file:/run/savepoints"))
        .isEqualTo("file:/run/savepoints/savepoint-2");
  }

  @Test
  void givesUpWhenStorageFails() {
    answers.add(refusal(CheckpointFailureReason.IO_EXCEPTION));

    assertThatThrownBy(() -> StopOnSignal.savepoint(client, "file:/run/savepoints"))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(CheckpointException.class);
    assertThat(answers).isEmpty();
  }

  private static CompletableFuture<String> refusal(CheckpointFailureReason reason) {
    return CompletableFuture.failedFuture(new CheckpointException(reason));
  }
}

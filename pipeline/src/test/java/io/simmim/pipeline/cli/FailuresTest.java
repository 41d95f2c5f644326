package io.simmim.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.cli.common.CommandOutcome;
import io.simmim.schemas.UserError;
import java.io.IOException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.runtime.client.JobExecutionException;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.util.SerializedThrowable;
import org.junit.jupiter.api.Test;

class FailuresTest {
  @Test
  void tellsAUsersMistakeByItsMessage() {
    CommandOutcome outcome = Failures.outcome(new UserError("input does not exist: x"), "pretrain");

    assertThat(outcome.message()).isEqualTo("input does not exist: x");
    assertThat(outcome.exitCode()).isEqualTo(2);
  }

  @Test
  void shortensAMistakeThatRepeatsWhatAFileHolds() {
    String value = "x".repeat(100_000);

    CommandOutcome outcome =
        Failures.outcome(new UserError("unknown type: " + value + " (allowed: a, b)"), "knn");

    assertThat(outcome.message())
        .hasSizeLessThan(4100)
        .startsWith("unknown type: xxx")
        .contains("x … x")
        .endsWith("xxx (allowed: a, b)");
  }

  @Test
  void findsAUsersMistakeInTheFailureOfAJob() {
    Throwable mistake = new SuppressRestartsException(new UserError("too many: 12 of 200"));

    CommandOutcome outcome =
        Failures.outcome(
            new JobExecutionException(new JobID(), "Job failed.", mistake), "pretrain");

    assertThat(outcome.message()).isEqualTo("too many: 12 of 200");
    assertThat(outcome.exitCode()).isEqualTo(1);
  }

  @Test
  void findsAUsersMistakeThatAnotherClassLoaderThrew() {
    Throwable mistake =
        new SerializedThrowable(
            new SuppressRestartsException(new UserError("too many: 12 of 200")));

    CommandOutcome outcome =
        Failures.outcome(
            new JobExecutionException(new JobID(), "Job failed.", mistake), "pretrain");

    assertThat(outcome.message()).isEqualTo("too many: 12 of 200");
    assertThat(outcome.exitCode()).isEqualTo(1);
  }

  @Test
  void tellsWhatToDoWhereTheHeapOfThisProcessIsTooSmall() {
    String message = launched(new OutOfMemoryError("Java heap space"));

    assertThat(message)
        .matches(
            "failed: OutOfMemoryError: Java heap space \\(Java's heap may take [0-9,]+ MiB here:"
                + " SIMMIM_JAVA_OPTS=-Xmx8g gives it 8 GiB; smaller batches and fewer threads need"
                + " less\\) \\(log: /tmp/x.log\\)");
    assertThat(
            launched(
                new IllegalStateException(
                    "wrapped", new OutOfMemoryError("unable to create native thread"))))
        .contains(" (the system gives this process no more threads: use fewer) ");
    assertThat(Failures.outcome(new OutOfMemoryError("Java heap space"), "bench").message())
        .as("of a task manager, perhaps")
        .doesNotContain("-Xmx");
  }

  @Test
  void tellsThatFewerThreadsNeedLessMemoryOfAGpu() {
    IllegalStateException full =
        new IllegalStateException("CUDA out of memory. Tried to allocate 2.00 GiB.");

    assertThat(Failures.outcome(full, "knn").message())
        .contains(" (each thread has images of its own on the GPU: fewer --threads need less) ");
    assertThat(Failures.outcome(full, "reconstruct").message()).doesNotContain("--threads");
  }

  @Test
  void tellsWhatToDoWhereThisProcessMayOpenTooFewFiles() {
    assertThat(launched(new IOException("a pipe", new IOException("Too many open files"))))
        .endsWith(" (more are allowed after: ulimit -n 4096) (log: /tmp/x.log)");
  }

  private static String launched(Throwable failure) {
    System.setProperty(Failures.LOG_FILE_PROPERTY, "/tmp/x.log");
    try {
      return Failures.outcome(failure, "bench").message();
    } finally {
      System.clearProperty(Failures.LOG_FILE_PROPERTY);
    }
  }

  @Test
  void tellsAnythingElseInOneLineWithTheLog() {
    CommandOutcome outcome =
        Failures.outcome(
            new JobExecutionException(
                new JobID(), "Job failed.", new IllegalStateException("chunk 3\nis missing")),
            "pretrain");

    assertThat(outcome.message())
        .isEqualTo(
            "the job failed: IllegalStateException: chunk 3 (log: that of Flink's client and task"
                + " managers)");
    assertThat(outcome.exitCode()).isEqualTo(1);
  }
}

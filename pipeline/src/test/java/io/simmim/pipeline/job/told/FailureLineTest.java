package io.simmim.pipeline.job.told;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import io.simmim.schemas.UserError;
import java.io.IOException;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.io.network.netty.exception.RemoteTransportException;
import org.apache.flink.runtime.jobmanager.scheduler.NoResourceAvailableException;
import org.apache.flink.util.FlinkException;
import org.apache.flink.util.SerializedThrowable;
import org.junit.jupiter.api.Test;

class FailureLineTest {
  @Test
  void isTheMessageOfAUsersMistakeAlone() {
    Throwable mistake = new SuppressRestartsException(new UserError("too many: 12 of 200"));

    assertThat(FailureLine.of(new FlinkException("Job failed.", mistake)))
        .isEqualTo("too many: 12 of 200");
    assertThat(FailureLine.of(new SerializedThrowable(mistake))).isEqualTo("too many: 12 of 200");
  }

  @Test
  void isWhatThisProjectSaysOfACauseInALibrary() {
    IOException refused = thrownBy("org.apache.hadoop.Library", new IOException("503"));
    IOException ours = new IOException("cannot read s3://b/1.jpg in 5 attempts: 503", refused);

    assertThat(FailureLine.of(thrownBy("org.apache.flink.X", new FlinkException("wrapped", ours))))
        .isEqualTo("IOException: cannot read s3://b/1.jpg in 5 attempts: 503");
  }

  @Test
  void addsTheRootToWhatThisProjectSaysWithoutIt() {
    Throwable root = thrownBy("java.util.X", new OutOfMemoryError("Java heap space"));

    assertThat(FailureLine.of(new FlinkException("training failed in step 3", root)))
        .isEqualTo("FlinkException: training failed in step 3: OutOfMemoryError: Java heap space");
  }

  @Test
  void isTheRootWhereOnlyLibrariesSpeak() {
    Throwable root = thrownBy("sun.nio.ch.Net", new IOException("No space left on device"));
    Throwable outer = thrownBy("org.apache.flink.X", new FlinkException("checkpoint failed", root));

    assertThat(FailureLine.of(outer)).isEqualTo("IOException: No space left on device");
  }

  @Test
  void saysWhatALostTaskManagerMayMean() {
    Throwable lost =
        thrownBy(
            "org.apache.flink.X",
            new RemoteTransportException(
                "Connection unexpectedly closed by remote task manager '10.0.0.7/10.0.0.7:6121"
                    + " [ 10.0.0.7:6122-1f ] '. This might indicate that the remote task manager was"
                    + " lost.",
                new java.net.InetSocketAddress("10.0.0.7", 6121)));

    assertThat(FailureLine.of(lost))
        .startsWith(
            "RemoteTransportException: Connection unexpectedly closed by remote task manager"
                + " '10.0.0.7/10.0.0.7:6121")
        .endsWith(
            "(a task manager was lost; if its own log does not say why, it was killed: by the memory"
                + " limit of its container, by the kernel, or with its machine)");
  }

  @Test
  void saysWhatToSetWhereSlotsAreTooFew() {
    Throwable waited =
        thrownBy(
            "org.apache.flink.X",
            new NoResourceAvailableException("Could not acquire the minimum required resources."));

    assertThat(FailureLine.of(waited))
        .isEqualTo(
            "NoResourceAvailableException: Could not acquire the minimum required resources. (the"
                + " cluster has too few free slots: start more task managers, or set their"
                + " taskmanager.numberOfTaskSlots higher or the run's -p lower; with resources.* the"
                + " task managers must have what these ask for)");
  }

  @Test
  void saysWhatToSetWhereTheSchedulerIsForOtherJobs() {
    Throwable refused =
        thrownBy(
            "org.apache.flink.X",
            new IllegalStateException("Adaptive batch scheduler only supports batch jobs"));

    assertThat(FailureLine.of(refused))
        .isEqualTo(
            "IllegalStateException: Adaptive batch scheduler only supports batch jobs"
                + " (jobmanager.scheduler of the cluster must be Default or Adaptive)");
  }

  @Test
  void isOneLineAlsoOfMessagesWithSeveral() {
    assertThat(FailureLine.of(new IllegalStateException("chunk 3\nis missing")))
        .isEqualTo("IllegalStateException: chunk 3");
    assertThat(FailureLine.of(new IllegalStateException())).isEqualTo("IllegalStateException");
    assertThat(FailureLine.of("")).isEmpty();
  }

  /** As libtorch writes it: TorchFailureTest. */
  @Test
  void isTheReasonThatLibtorchGivesAfterWhereItFailed() {
    Throwable root =
        thrownBy(
            "ai.djl.pytorch.jni.PyTorchLibrary",
            new EngineException(
                """
                The following operation failed in the TorchScript interpreter.
                Traceback of TorchScript, serialized code (most recent call last):
                  File "code/__torch__.py", line 12, in accumulate
                    x = torch.matmul(a, b)
                        ~~~~~~~~~~~~ <--- HERE
                RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB.
                """));
    Throwable failure = new FlinkException("training failed in step 3", root);

    assertThat(FailureLine.of(failure))
        .isEqualTo(
            "FlinkException: training failed in step 3: EngineException: RuntimeError: CUDA out of"
                + " memory. Tried to allocate 2.00 GiB.");
  }

  private static <T extends Throwable> T thrownBy(String library, T failure) {
    failure.setStackTrace(
        new StackTraceElement[] {new StackTraceElement(library, "call", "Library.java", 7)});
    return failure;
  }
}

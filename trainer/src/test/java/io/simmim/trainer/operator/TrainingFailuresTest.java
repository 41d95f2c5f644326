package io.simmim.trainer.operator;

import static io.simmim.trainer.operator.TestRuns.chunks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.engine.EngineException;
import io.simmim.schemas.UserError;
import io.simmim.trainer.operator.failure.GpuLoss;
import java.nio.file.Path;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.util.ExceptionUtils;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TrainingFailuresTest {
  private static final int STEP_CHUNKS = 6;

  private final RuntimeException memory =
      failing("CUDA out of memory. Tried to allocate 2.00 GiB.");

  private final RuntimeException lost =
      failing(
          "CUDA error: an illegal memory access was encountered\n"
              + "Compile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.");

  @TempDir private Path output;
  private final FakeLearner.Control control = new FakeLearner.Control();

  private static RuntimeException failing(String reason) {
    return new EngineException(
        "The following operation failed in the TorchScript interpreter.\n"
            + "Traceback of TorchScript, serialized code (most recent call last):\n"
            + "  File \"code/__torch__.py\", line 3, in accumulate\n"
            + "RuntimeError: "
            + reason);
  }

  private OperatorRun start(GpuLoss gpuLoss) throws Exception {
    return OperatorRun.start(TestRuns.config(output), control.models(), gpuLoss);
  }

  @Test
  void aGpuThatIsTooSmallForTheFirstStepEndsTheJob() throws Exception {
    control.accumulateFailure = memory;
    try (OperatorRun run = start(GpuLoss.ENDS_PROCESS)) {
      assertThatThrownBy(() -> run.finishFrom(0))
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .isInstanceOf(UserError.class)
          .hasMessage(
              "the GPU has not enough memory for micro-batches of 4 images (CUDA out of memory."
                  + " Tried to allocate 2.00 GiB.); less is needed with a smaller"
                  + " training.micro-batch and more training.accumulation, or with"
                  + " training.recompute");
    }
  }

  @Test
  void aGpuThatIsTooSmallForTheFirstCopyOfTheStateEndsTheJob() throws Exception {
    try (OperatorRun run = start(GpuLoss.ENDS_PROCESS)) {
      run.feed(chunks(0, STEP_CHUNKS));
      control.snapshotFailure = memory;

      assertThatThrownBy(() -> run.checkpoint(1))
          .isInstanceOf(SuppressRestartsException.class)
          .hasCauseInstanceOf(UserError.class);
    }
  }

  /** Another process may have taken it for a while. */
  @Test
  void memoryThatWasThereBeforeIsTriedAgain() throws Exception {
    try (OperatorRun run = start(GpuLoss.ENDS_PROCESS)) {
      run.feed(chunks(0, STEP_CHUNKS));
      Awaitility.await()
          .pollInSameThread()
          .until(
              () -> {
                run.runMails();
                return !run.steps().isEmpty();
              });
      run.checkpoint(1).discardState();
      control.accumulateFailure = memory;

      Throwable failure = catchThrowable(() -> run.finishFrom(STEP_CHUNKS));

      assertThat(failure).hasRootCause(memory).hasStackTraceContaining("training failed in step 2");
      assertThat(ExceptionUtils.findThrowable(failure, SuppressRestartsException.class)).isEmpty();
    }
  }

  @Test
  void aGpuThatIsLostEndsTheProcessOfATaskManager() throws Exception {
    control.accumulateFailure = lost;
    try (OperatorRun run = start(GpuLoss.ENDS_PROCESS)) {
      Throwable failure = catchThrowable(() -> run.finishFrom(0));

      assertThat(ExceptionUtils.isJvmFatalError(failure)).isTrue();
      assertThat(failure)
          .hasMessage(
              "the GPU failed in step 1 (CUDA error: an illegal memory access was encountered), and"
                  + " this process cannot use it any more")
          .hasCause(lost);
    }
  }

  @Test
  void aGpuThatIsLostEndsTheJobInAProcessOfTheUser() throws Exception {
    control.accumulateFailure = lost;
    try (OperatorRun run = start(GpuLoss.ENDS_JOB)) {
      assertThatThrownBy(() -> run.finishFrom(0))
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .isInstanceOf(UserError.class)
          .hasMessage(
              "the GPU failed in step 1 (CUDA error: an illegal memory access was encountered), and"
                  + " this process cannot use it any more; the same command continues");
    }
  }
}

package io.simmim.trainer.operator;

import static io.simmim.trainer.operator.TestRuns.chunk;
import static io.simmim.trainer.operator.TestRuns.chunks;
import static io.simmim.trainer.operator.TestRuns.rejected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFinalizer;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFutures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TrainingCheckpointTest extends TrainingCheckpointCase {
  @Test
  void resumesExactlyFromEveryChunkBoundary() throws Exception {
    List<StepMetrics> expected = undisturbed("whole");
    for (int cut = 0; cut <= TestRuns.PLAN.totalChunks(); cut++) {
      OperatorSubtaskState state;
      List<StepMetrics> steps = new ArrayList<>();
      try (OperatorRun run = OperatorRun.start(config("cut"), control.models())) {
        run.feed(chunks(0, cut));
        state = run.checkpoint(1);
        steps.addAll(run.steps());
      }
      try (OperatorRun run = OperatorRun.resume(config("cut"), control.models(), state)) {
        run.finishFrom(cut);
        steps.addAll(run.steps());
      }
      assertThat(timeless(steps)).as("cut before chunk %d", cut).isEqualTo(expected);
      assertThat(weights("cut")).as("cut before chunk %d", cut).isEqualTo(weights("whole"));
      Files.delete(folder.resolve("cut/model/model.safetensors"));
    }
  }

  @Test
  void resumesExactlyInsideAnAccumulation() throws Exception {
    undisturbed("whole");
    OperatorSubtaskState state;
    try (OperatorRun run = OperatorRun.start(config("cut"), control.models())) {
      run.feed(chunks(0, 8));
      await().until(() -> control.accumulated.get() >= TestRuns.PLAN.totalSteps() * 3 + 4);
      state = run.checkpoint(1);
    }
    try (OperatorRun run = OperatorRun.resume(config("cut"), control.models(), state)) {
      run.finishFrom(8);
    }
    assertThat(weights("cut")).isEqualTo(weights("whole"));
  }

  @Test
  void keepsChunksThatWereNotUsedYet() throws Exception {
    undisturbed("whole");
    control.permits.drainPermits();
    OperatorSubtaskState state;
    try (OperatorRun run = OperatorRun.start(config("cut"), control.models())) {
      run.feed(chunks(0, 6)).feed(List.of(chunk(9), chunk(7)));
      Thread task = Thread.currentThread();
      Thread release =
          new Thread(
              () -> {
                await().until(() -> task.getState() == Thread.State.WAITING);
                control.permits.release();
              });
      release.start();
      state = run.checkpoint(1); // after the first micro-batch: two more and two chunks are waiting
      release.join();
      control.permits.release(Integer.MAX_VALUE - 1);
    }
    try (OperatorRun run = OperatorRun.resume(config("cut"), control.models(), state)) {
      run.feed(List.of(chunk(8), chunk(6))).finishFrom(10);
    }
    assertThat(weights("cut")).isEqualTo(weights("whole"));
  }

  @Test
  void writesTheStateOfTheBarrierThoughTrainingWentOn() throws Exception {
    undisturbed("whole");
    OperatorSubtaskState state;
    try (OperatorRun run = OperatorRun.start(config("cut"), control.models())) {
      run.feed(chunks(0, 10));
      OperatorSnapshotFutures upload = run.checkpointWithoutUpload(1);
      int before = control.accumulated.get();
      run.feed(chunks(10, 20));
      await().until(() -> control.accumulated.get() > before + 1);
      state = OperatorSnapshotFinalizer.create(upload).getJobManagerOwnedState();
    }
    try (OperatorRun run = OperatorRun.resume(config("cut"), control.models(), state)) {
      run.finishFrom(10);
    }
    assertThat(weights("cut")).isEqualTo(weights("whole"));
  }

  @Test
  void emitsBeforeTheBarrierWhatTheStateHasPassed() throws Exception {
    try (OperatorRun run = OperatorRun.start(config("out"), control.models())) {
      List<TensorChunk> chunks = new ArrayList<>(chunks(0, 12));
      chunks.set(1, TestRuns.chunk(1, 1, List.of(rejected(3))));
      run.feed(chunks);
      await().until(() -> control.accumulated.get() == 6);

      OperatorSubtaskState state = run.checkpoint(1);

      assertThat(run.steps()).hasSize(2);
      assertThat(run.rejected()).containsExactly(rejected(3));
      try (OperatorRun next = OperatorRun.resume(config("out"), control.models(), state)) {
        next.feed(List.of(TestRuns.chunk(12, 1, List.of(rejected(3))))).finishFrom(13);
        assertThat(next.steps()).extracting(StepMetrics::step).containsExactly(3L, 4L);
        assertThat(next.steps()).extracting(StepMetrics::rejectedImages).containsOnly(1L);
        assertThat(next.rejected()).isEmpty();
      }
    }
  }

  @Test
  void abortedCheckpointFreesItsCopy() throws Exception {
    try (OperatorRun run = OperatorRun.start(config("out"), control.models())) {
      run.feed(chunks(0, 4));
      OperatorSnapshotFutures upload = run.checkpointWithoutUpload(1);
      assertThat(control.openSnapshots).hasValue(1);

      run.harness.getOperator().notifyCheckpointAborted(1);

      assertThat(control.openSnapshots).hasValue(0);
      assertThat(upload.getOperatorStateManagedFuture().isCancelled()).isTrue();
    }
  }

  @Test
  void endsARunWhoseCheckpointsDoNotFitOnTheDiskAndSaysSo() throws Exception {
    TrainingOperatorConfig config = config("full");
    try (OperatorRun run = OperatorRun.start(config, control.models())) {
      uploadFails(run, 1, "No space left on device");
      uploadFails(run, 2, "No space left on device");
      run.checkpoint(3); // there was room again
      uploadFails(run, 4, "Disk quota exceeded");
      uploadFails(run, 5, "No space left on device");
      uploadFails(run, 6, "the bucket does not exist"); // this is Flink's to decide
      uploadFails(run, 7, "No space left on device");

      assertThatThrownBy(() -> run.checkpoint(8))
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .isInstanceOf(UserError.class)
          .hasMessage(
              "cannot write checkpoints to %s: No space left on device; nothing is lost: make room"
                  + " there, then run the same command again, which continues from the newest"
                  + " checkpoint",
              config.output());
    }
  }

  @Test
  void cancelledUploadFreesItsCopy() throws Exception {
    try (OperatorRun run = OperatorRun.start(config("out"), control.models())) {
      OperatorSnapshotFutures upload = run.checkpointWithoutUpload(1);

      upload.cancel();

      assertThat(control.openSnapshots).hasValue(0);
    }
  }

  @Test
  void closingFreesCopiesWhoseUploadNeverRan() throws Exception {
    try (OperatorRun run = OperatorRun.start(config("out"), control.models())) {
      run.checkpointWithoutUpload(1);
      run.checkpointWithoutUpload(2);
      run.harness.prepareSnapshotPreBarrier(3);
      assertThat(control.openSnapshots).hasValue(3);
    }
  }

  @Test
  void completedCheckpointFreesItsCopyAtOnce() throws Exception {
    try (OperatorRun run = OperatorRun.start(config("out"), control.models())) {
      run.checkpoint(1);

      assertThat(control.openSnapshots).hasValue(0);
    }
  }
}

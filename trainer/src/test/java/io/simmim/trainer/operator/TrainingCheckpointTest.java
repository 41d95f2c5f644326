package io.simmim.trainer.operator;

import static io.simmim.trainer.operator.TestRuns.chunk;
import static io.simmim.trainer.operator.TestRuns.chunks;
import static io.simmim.trainer.operator.TestRuns.rejected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RunnableFuture;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.CheckpointStateOutputStream;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.CheckpointedStateScope;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.apache.flink.runtime.state.memory.MemCheckpointStreamFactory;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFinalizer;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFutures;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TrainingCheckpointTest {
  @TempDir Path folder;
  private final FakeLearner.Control control = new FakeLearner.Control();

  @AfterEach
  void freesEverything() {
    assertThat(control.openSnapshots).hasValue(0);
    assertThat(control.openModels).hasValue(0);
  }

  private TrainingOperatorConfig config(String output) {
    return TestRuns.config(folder.resolve(output));
  }

  private byte[] weights(String output) throws Exception {
    return Files.readAllBytes(folder.resolve(output).resolve("model/model.safetensors"));
  }

  private List<StepMetrics> undisturbed(String output) throws Exception {
    try (OperatorRun run = OperatorRun.start(config(output), control.models())) {
      run.finishFrom(0);
      return timeless(run.steps());
    }
  }

  /** Without what depends on the clock. */
  private static List<StepMetrics> timeless(List<StepMetrics> steps) {
    return steps.stream()
        .map(
            s ->
                new StepMetrics(
                    s.step(),
                    s.epoch(),
                    s.imagesSeen(),
                    s.images(),
                    s.loss(),
                    s.learningRate(),
                    s.gradientNorm(),
                    0,
                    0,
                    s.rejectedImages(),
                    0))
        .toList();
  }

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

  private static void uploadFails(OperatorRun run, long checkpoint, String reason)
      throws Exception {
    CheckpointStreamFactory storage =
        new MemCheckpointStreamFactory(1) {
          @Override
          public CheckpointStateOutputStream createCheckpointStateOutputStream(
              CheckpointedStateScope scope) throws IOException {
            throw new IOException(reason);
          }
        };
    RunnableFuture<?> upload =
        run.checkpointWithoutUpload(checkpoint, storage).getOperatorStateManagedFuture();
    upload.run();
    assertThatThrownBy(upload::get).hasRootCauseMessage(reason);
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

  @Test
  void refusesAnotherConfigurationAndListsTheDifferences() throws Exception {
    OperatorSubtaskState state = stateAfter(6);
    TrainingOperatorConfig base = config("out");
    TrainingOperatorConfig other =
        new TrainingOperatorConfig(
            base.trainer(),
            base.plan(),
            base.schedule(),
            0,
            base.output(),
            base.export(),
            base.rejectionLimit(),
            base.windowChunks(),
            new ConfigurationIdentity(Map.of("encoder.depth", "6", "precision", "bf16"), Map.of()));

    assertThatThrownBy(() -> OperatorRun.resume(other, control.models(), state))
        .isInstanceOf(SuppressRestartsException.class)
        .hasCauseInstanceOf(UserError.class)
        .cause()
        .hasMessage(
            "model or optimizer configuration differs from the checkpoint: "
                + "encoder.depth: 2 in the checkpoint, 6 now; "
                + "precision: not in the checkpoint, bf16 now; seed: 7 in the checkpoint, none now");
  }

  @Test
  void refusesBatchesThatAreCutInAnotherWay() throws Exception {
    OperatorSubtaskState state = stateAfter(8);
    TrainingOperatorConfig base = config("out");
    TrainingOperatorConfig other =
        TestRuns.config(
            folder.resolve("out"), new BatchPlan(26, 2, 4, 2, 1), 0, base.rejectionLimit());

    assertThatThrownBy(() -> OperatorRun.resume(other, control.models(), state))
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .isInstanceOf(UserError.class)
        .hasMessageMatching(
            "batches are cut in another way than in the checkpoint: its step \\d, micro-batch \\d, "
                + "chunk \\d would now be step \\d, micro-batch \\d, chunk \\d+");
  }

  @Test
  void saysThatADamagedStateIsDamagedWhereverItIs() throws Exception {
    OperatorStreamStateHandle intact = handle(stateAfter(6));
    byte[] data = ((ByteStreamStateHandle) intact.getDelegateStateHandle()).getData();
    long[] offsets = intact.getStateNameToPartitionOffsets().get("training").getOffsets();
    int refused = 0;
    int flips = 0;
    for (int at = (int) offsets[0]; at < data.length; at += 199, flips++) {
      byte[] flipped = data.clone();
      flipped[at] ^= 4;
      Throwable failure = catchThrowable(() -> resume(damaged(intact, flipped)));
      if (failure
          != null) { // Flink does not look at the checksums of its compression; ours are in it
        refused++;
        assertThat(failure)
            .as("byte %d of %d", at, data.length)
            .isInstanceOf(SuppressRestartsException.class)
            .cause()
            .isInstanceOf(UserError.class)
            .hasMessageStartingWith("the training state of the checkpoint is damaged: ")
            .hasMessageEndingWith("; choose another checkpoint with --resume PATH");
      }
    }
    assertThat(refused).isGreaterThan(flips * 9 / 10);
  }

  @Test
  void saysThatATruncatedStateIsDamaged() throws Exception {
    OperatorStreamStateHandle intact = handle(stateAfter(6));
    byte[] data = ((ByteStreamStateHandle) intact.getDelegateStateHandle()).getData();
    byte[] shorter = Arrays.copyOf(data, data.length - 10);

    assertThatThrownBy(() -> resume(damaged(intact, shorter)))
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the training state of the checkpoint is damaged: it ends in the middle of an element;"
                + " choose another checkpoint with --resume PATH");
  }

  private OperatorSubtaskState stateAfter(int chunks) throws Exception {
    try (OperatorRun run = OperatorRun.start(config("out"), control.models())) {
      return run.feed(chunks(0, chunks)).checkpoint(1);
    }
  }

  private void resume(OperatorSubtaskState state) throws Exception {
    OperatorRun.resume(config("out"), control.models(), state).close();
  }

  private static OperatorStreamStateHandle handle(OperatorSubtaskState state) {
    return (OperatorStreamStateHandle)
        Stream.of(state.getManagedOperatorState().iterator().next())
            .map(OperatorStateHandle.class::cast)
            .findFirst()
            .orElseThrow();
  }

  private static OperatorSubtaskState damaged(OperatorStreamStateHandle intact, byte[] data) {
    return OperatorSubtaskState.builder()
        .setManagedOperatorState(
            new OperatorStreamStateHandle(
                intact.getStateNameToPartitionOffsets(),
                new ByteStreamStateHandle("damaged", data)))
        .build();
  }
}

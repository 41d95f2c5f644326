package io.simmim.trainer.operator;

import static io.simmim.trainer.operator.TestRuns.chunks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.timing.DataWait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.RunnableFuture;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.CheckpointStateOutputStream;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.CheckpointedStateScope;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.apache.flink.runtime.state.memory.MemCheckpointStreamFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** What these tests share. */
abstract class TrainingCheckpointCase {
  @TempDir Path folder;
  final FakeLearner.Control control = new FakeLearner.Control();

  @AfterEach
  void freesEverything() {
    assertThat(control.openSnapshots).hasValue(0);
    assertThat(control.openModels).hasValue(0);
  }

  TrainingOperatorConfig config(String output) {
    return TestRuns.config(folder.resolve(output));
  }

  byte[] weights(String output) throws Exception {
    return Files.readAllBytes(folder.resolve(output).resolve("model/model.safetensors"));
  }

  List<StepMetrics> undisturbed(String output) throws Exception {
    try (OperatorRun run = OperatorRun.start(config(output), control.models())) {
      run.finishFrom(0);
      return timeless(run.steps());
    }
  }

  /** Without what depends on the clock. */
  static List<StepMetrics> timeless(List<StepMetrics> steps) {
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
                    DataWait.NONE,
                    s.rejectedImages(),
                    0))
        .toList();
  }

  static void uploadFails(OperatorRun run, long checkpoint, String reason) throws Exception {
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

  OperatorSubtaskState stateAfter(int chunks) throws Exception {
    try (OperatorRun run = OperatorRun.start(config("out"), control.models())) {
      return run.feed(chunks(0, chunks)).checkpoint(1);
    }
  }

  void resume(OperatorSubtaskState state) throws Exception {
    OperatorRun.resume(config("out"), control.models(), state).close();
  }

  static OperatorStreamStateHandle handle(OperatorSubtaskState state) {
    return (OperatorStreamStateHandle)
        Stream.of(state.getManagedOperatorState().iterator().next())
            .map(OperatorStateHandle.class::cast)
            .findFirst()
            .orElseThrow();
  }

  static OperatorSubtaskState damaged(OperatorStreamStateHandle intact, byte[] data) {
    return OperatorSubtaskState.builder()
        .setManagedOperatorState(
            new OperatorStreamStateHandle(
                intact.getStateNameToPartitionOffsets(),
                new ByteStreamStateHandle("damaged", data)))
        .build();
  }
}

package io.simmim.trainer.operator;

import static io.simmim.trainer.operator.TestRuns.chunk;
import static io.simmim.trainer.operator.TestRuns.chunks;
import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.TensorChunk;
import io.simmim.trainer.loop.LearnerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFinalizer;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFutures;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With the real model: the exported bytes do not depend on what happened to the run. */
@Tag("slow")
@Timeout(120)
class TrainingResumeTest {
  @TempDir static Path folder;
  private static byte[] undisturbed;

  @BeforeAll
  static void trainUndisturbed() throws Exception {
    try (OperatorRun run = OperatorRun.start(config("undisturbed"), LearnerConfig::create)) {
      run.finishFrom(0);
    }
    undisturbed = weights("undisturbed");
  }

  private static TrainingOperatorConfig config(String output) {
    return TestRuns.config(folder.resolve(output), TestRuns.SHORT_PLAN, 0, TestRuns.LENIENT);
  }

  private static byte[] weights(String output) throws Exception {
    return Files.readAllBytes(folder.resolve(output).resolve("model/model.safetensors"));
  }

  @Test
  void orderOfArrivalDoesNotMatter() throws Exception {
    List<TensorChunk> chunks = new ArrayList<>(chunks(0, TestRuns.SHORT_PLAN.totalChunks()));
    Random random = new Random(3);
    for (int from = 0; from < chunks.size(); from += 6) {
      Collections.shuffle(chunks.subList(from, from + 6), random);
    }
    try (OperatorRun run = OperatorRun.start(config("shuffled"), LearnerConfig::create)) {
      run.feed(chunks).harness.endInput();
    }

    assertThat(weights("shuffled")).isEqualTo(undisturbed);
  }

  @Test
  void resumesToTheSameBytesFromEveryChunkBoundary() throws Exception {
    List<OperatorSubtaskState> states = new ArrayList<>();
    try (OperatorRun run = OperatorRun.start(config("often"), LearnerConfig::create)) {
      states.add(run.checkpoint(1));
      for (int i = 0; i < TestRuns.SHORT_PLAN.totalChunks(); i++) {
        states.add(run.feed(List.of(chunk(i))).checkpoint(i + 2));
      }
      run.harness.endInput();
    }
    assertThat(weights("often")).as("run with many checkpoints").isEqualTo(undisturbed);

    for (int cut = 0; cut < states.size(); cut++) {
      String output = "cut-" + cut;
      try (OperatorRun run =
          OperatorRun.resume(config(output), LearnerConfig::create, states.get(cut))) {
        run.finishFrom(cut);
      }
      assertThat(weights(output)).as("cut before chunk %d", cut).isEqualTo(undisturbed);
    }
  }

  @Test
  void resumesToTheSameBytesFromTheMiddleOfAnAccumulation() throws Exception {
    for (int cut = 2; cut <= 4; cut += 2) { // the end of input lets them be consumed
      OperatorSubtaskState state;
      try (OperatorRun run = OperatorRun.start(config("accumulating"), LearnerConfig::create)) {
        run.feed(chunks(0, cut)).harness.endInput();
        state = run.checkpoint(1);
      }
      try (OperatorRun run =
          OperatorRun.resume(config("accumulating"), LearnerConfig::create, state)) {
        run.finishFrom(cut);
      }
      assertThat(weights("accumulating")).as("cut before chunk %d", cut).isEqualTo(undisturbed);
    }
  }

  @Test
  void checkpointHoldsTheStateOfItsBarrierThoughItIsWrittenLater() throws Exception {
    OperatorSubtaskState state;
    try (OperatorRun run = OperatorRun.start(config("late"), LearnerConfig::create)) {
      OperatorSnapshotFutures upload = run.feed(chunks(0, 9)).checkpointWithoutUpload(1);
      run.finishFrom(9);
      state = OperatorSnapshotFinalizer.create(upload).getJobManagerOwnedState();
    }
    Files.delete(folder.resolve("late/model/model.safetensors"));
    try (OperatorRun run = OperatorRun.resume(config("late"), LearnerConfig::create, state)) {
      run.feed(List.of(chunk(10), chunk(9))).finishFrom(11);
    }
    assertThat(weights("late")).isEqualTo(undisturbed);
  }
}

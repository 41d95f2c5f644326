package io.simmim.trainer.operator;

import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.StepMetricsSerializer;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.TensorChunkSerializer;
import io.simmim.schemas.checkpoint.CheckpointCost;
import io.simmim.schemas.evaluation.ModelCopy;
import io.simmim.schemas.histogram.TensorHistogram;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.operator.failure.GpuLoss;
import io.simmim.trainer.operator.upload.CheckpointLines;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.memory.MemCheckpointStreamFactory;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFutures;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** One attempt of the operator in Flink's test harness. The calling thread is the task thread. */
public final class OperatorRun implements AutoCloseable {
  private static final int MAX_STATE_BYTES = 64 << 20;

  final OneInputStreamOperatorTestHarness<TensorChunk, StepMetrics> harness;

  private final long chunks;

  private OperatorRun(
      TrainingOperatorConfig config,
      Learner.Factory learners,
      GpuLoss gpuLoss,
      CheckpointLines lines)
      throws Exception {
    chunks = config.plan().totalChunks();
    harness =
        new OneInputStreamOperatorTestHarness<>(
            new TrainingOperatorFactory(config, learners, gpuLoss, lines),
            TensorChunkSerializer.INSTANCE);
    harness.getExecutionConfig().setUseSnapshotCompression(true); // as jobs do
    harness.setup(StepMetricsSerializer.INSTANCE);
  }

  public static OperatorRun start(TrainingOperatorConfig config, Learner.Factory learners)
      throws Exception {
    return start(config, learners, GpuLoss.ENDS_JOB);
  }

  static OperatorRun start(TrainingOperatorConfig config, Learner.Factory learners, GpuLoss gpuLoss)
      throws Exception {
    OperatorRun run = new OperatorRun(config, learners, gpuLoss, costs -> {});
    run.harness.open();
    return run;
  }

  static OperatorRun start(
      TrainingOperatorConfig config, Learner.Factory learners, CheckpointLines lines)
      throws Exception {
    OperatorRun run = new OperatorRun(config, learners, GpuLoss.ENDS_JOB, lines);
    run.harness.open();
    return run;
  }

  public static OperatorRun resume(
      TrainingOperatorConfig config, Learner.Factory learners, OperatorSubtaskState state)
      throws Exception {
    OperatorRun run = new OperatorRun(config, learners, GpuLoss.ENDS_JOB, costs -> {});
    run.harness.initializeState(state);
    run.harness.open();
    return run;
  }

  public OperatorRun feed(List<TensorChunk> chunks) throws Exception {
    for (TensorChunk chunk : chunks) {
      harness.processElement(new StreamRecord<>(chunk));
    }
    return this;
  }

  /** Takes the chunks from a number on to the last of the run. */
  public void finishFrom(long chunk) throws Exception {
    feed(TestRuns.chunks(chunk, chunks));
    harness.endInput();
  }

  /** A whole checkpoint. */
  public OperatorSubtaskState checkpoint(long id) throws Exception {
    return checkpoint(id, id);
  }

  /** The same, begun at a time by the clock of another machine. */
  OperatorSubtaskState checkpoint(long id, long epochMillis) throws Exception {
    harness.prepareSnapshotPreBarrier(id);
    return harness.snapshot(id, epochMillis);
  }

  /** The synchronous part of a checkpoint. */
  OperatorSnapshotFutures checkpointWithoutUpload(long id) throws Exception {
    return checkpointWithoutUpload(id, new MemCheckpointStreamFactory(MAX_STATE_BYTES));
  }

  /** The same; the asynchronous part is to go to a storage. */
  OperatorSnapshotFutures checkpointWithoutUpload(long id, CheckpointStreamFactory storage)
      throws Exception {
    harness.prepareSnapshotPreBarrier(id);
    return harness
        .getOneInputOperator()
        .snapshotState(id, id, CheckpointOptions.forCheckpointWithDefaultLocation(), storage);
  }

  /** Runs the mails that are there. */
  void runMails() throws Exception {
    Optional<Mail> mail = harness.getTaskMailbox().tryTake(0);
    while (mail.isPresent()) {
      mail.get().run();
      mail = harness.getTaskMailbox().tryTake(0);
    }
  }

  List<StepMetrics> steps() {
    return harness.extractOutputValues();
  }

  List<RejectedImage> rejected() {
    ConcurrentLinkedQueue<StreamRecord<RejectedImage>> images =
        harness.getSideOutput(TrainingOutputs.REJECTED);
    return images == null ? List.of() : images.stream().map(StreamRecord::getValue).toList();
  }

  /** What was told of copies of the model. */
  List<ModelCopy> copies() {
    ConcurrentLinkedQueue<StreamRecord<ModelCopy>> copies =
        harness.getSideOutput(TrainingOutputs.COPIES);
    return copies == null ? List.of() : copies.stream().map(StreamRecord::getValue).toList();
  }

  /** Histograms of weights and gradients. */
  List<TensorHistogram> histograms() {
    ConcurrentLinkedQueue<StreamRecord<TensorHistogram>> histograms =
        harness.getSideOutput(TrainingOutputs.HISTOGRAMS);
    return histograms == null
        ? List.of()
        : histograms.stream().map(StreamRecord::getValue).toList();
  }

  /** What was told of checkpoints. */
  List<CheckpointCost> checkpoints() {
    ConcurrentLinkedQueue<StreamRecord<CheckpointCost>> costs =
        harness.getSideOutput(TrainingOutputs.CHECKPOINTS);
    return costs == null ? List.of() : costs.stream().map(StreamRecord::getValue).toList();
  }

  @Override
  public void close() {
    try {
      harness.close();
    } catch (Exception e) {
      throw new AssertionError("the operator must close without an error", e);
    }
  }
}

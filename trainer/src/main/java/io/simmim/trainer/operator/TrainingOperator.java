package io.simmim.trainer.operator;

import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.schemas.checkpoint.CheckpointCost;
import io.simmim.schemas.histogram.TensorHistogram;
import io.simmim.schemas.thread.Threads;
import io.simmim.trainer.export.ModelExporter;
import io.simmim.trainer.export.ModelWriter;
import io.simmim.trainer.loop.CapturedTraining;
import io.simmim.trainer.loop.ChunkOrderer;
import io.simmim.trainer.loop.Handover;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.loop.TrainingLoop;
import io.simmim.trainer.operator.TrainingEvent.Captured;
import io.simmim.trainer.operator.TrainingEvent.Consumed;
import io.simmim.trainer.operator.TrainingEvent.CopyDue;
import io.simmim.trainer.operator.TrainingEvent.Distributed;
import io.simmim.trainer.operator.TrainingEvent.ExportEnded;
import io.simmim.trainer.operator.TrainingEvent.ExportStarted;
import io.simmim.trainer.operator.TrainingEvent.Failed;
import io.simmim.trainer.operator.TrainingEvent.Measured;
import io.simmim.trainer.operator.TrainingEvent.Ready;
import io.simmim.trainer.operator.TrainingEvent.Rejected;
import io.simmim.trainer.operator.TrainingEvent.RejectedOfAllowed;
import io.simmim.trainer.operator.TrainingEvent.StepDone;
import io.simmim.trainer.operator.failure.GpuLoss;
import io.simmim.trainer.operator.failure.TrainingFailures;
import io.simmim.trainer.operator.progress.ProgressNote;
import io.simmim.trainer.operator.upload.CheckpointLines;
import io.simmim.trainer.operator.upload.CheckpointTelling;
import io.simmim.trainer.operator.upload.CheckpointUploads;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFutures;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains the model on the chunks that come in, and emits the metrics of each step and, on side
 * outputs, what {@link TrainingOutputs} says. Parallelism 1.
 *
 * <p>How it lives, and what its results depend on, says the package.
 */
public final class TrainingOperator extends AbstractStreamOperator<StepMetrics>
    implements OneInputStreamOperator<TensorChunk, StepMetrics>, BoundedOneInput {
  static final String STATE_NAME = "training";

  private static final Logger LOG = LoggerFactory.getLogger(TrainingOperator.class);

  /** One in training, one that waits for it, and one that evens out pauses of the task thread. */
  private static final int MICRO_BATCHES_AT_A_TIME = 3;

  private final TrainingOperatorConfig training;
  private final Learner.Factory learners;
  private final transient MailboxExecutor mailbox;
  private final transient TrainingEvents events;
  private final transient CheckpointState checkpoints;
  private final transient CheckpointUploads uploads;
  private final transient CheckpointTelling telling;
  private final transient TrainingFailures failures;
  private final transient ProgressNote note;
  private final transient Handover handover = new Handover();

  /** Micro-batches that the training thread has not consumed yet, the oldest first. */
  private final transient ArrayDeque<List<TensorChunk>> handedOver = new ArrayDeque<>();

  private transient ListState<StateElement> state;
  private transient RestoredState restored;
  private transient ChunkOrderer orderer;
  private transient TrainingGauges gauges;
  private transient ModelExporter exporter;
  private transient Thread trainer;
  private transient CapturedTraining captured;
  private transient long consumedMicroBatches;
  private transient int exportsUnderWay;
  private transient boolean ready;

  TrainingOperator(
      StreamOperatorParameters<StepMetrics> parameters,
      TrainingOperatorConfig training,
      Learner.Factory learners,
      GpuLoss gpuLoss,
      CheckpointLines lines) {
    super(parameters);
    this.training = training;
    this.learners = learners;
    this.mailbox = parameters.getMailboxExecutor();
    this.events = new TrainingEvents(mailbox, this::handle);
    this.checkpoints = new CheckpointState(training);
    this.uploads = new CheckpointUploads(training.output());
    this.telling = new CheckpointTelling(this::emit, lines);
    this.failures = new TrainingFailures(training.plan().microBatch(), gpuLoss);
    this.note = new ProgressNote(training.output());
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    state =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>(STATE_NAME, StateElementSerializer.INSTANCE));
    uploads.initialize(context);
    if (!context.isRestored()) {
      return;
    }
    List<StateElement> elements = new ArrayList<>();
    state.get().forEach(elements::add);
    state.clear(); // its native memory is freed as soon as the model has it
    try {
      restored = RestoredState.of(elements);
      checkpoints.requireContinuable(restored.header());
    } catch (UserError e) {
      throw new SuppressRestartsException(e);
    }
  }

  @Override
  public void open() throws Exception {
    super.open();
    if (getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks() != 1) {
      throw new IllegalStateException(
          "the training operator must have parallelism 1: "
              + getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks());
    }
    gauges = new TrainingGauges(getMetricGroup());
    exporter =
        new ModelExporter(
            new ModelWriter(training.trainer(), training.initial()),
            training.export().retained(),
            events);
    consumedMicroBatches = restored == null ? 0 : restored.header().progress().microBatches();
    int chunks = training.plan().chunksPerMicroBatch();
    orderer = new ChunkOrderer(chunks, training.maxChunksAhead(), consumedMicroBatches * chunks);
    if (restored != null) {
      restored.pendingChunks().forEach(orderer::add);
      LOG.info(
          "continuing after step {}, {} micro-batches of the next, with {} chunks",
          restored.header().steps(),
          restored.header().microBatchOfStep(),
          orderer.size());
    }
    TrainingLoop loop =
        new TrainingLoop(
            training.loop(),
            learners,
            Optional.ofNullable(restored),
            handover,
            TrainingListeners.of(training, events, note, exporter),
            events);
    trainer = new Thread(loop, "simmim-training");
    trainer.setDaemon(true);
    trainer.start();
    while (!ready) {
      events.handleNext();
    }
    restored = null;
    uploads
        .restored()
        .map(cost -> cost.after(note.before()))
        .ifPresent(cost -> mailbox.execute(() -> telling.tell(cost), "restored checkpoint"));
    handOverMicroBatches();
  }

  @Override
  public void processElement(StreamRecord<TensorChunk> element) throws Exception {
    orderer.add(element.getValue());
    handOverMicroBatches();
    gauges.reorderedChunks(orderer.size());
  }

  private void handOverMicroBatches() throws InterruptedException {
    while (orderer.hasMicroBatch()) {
      while (handedOver.size() >= MICRO_BATCHES_AT_A_TIME) {
        mailbox.yield();
      }
      List<TensorChunk> microBatch = orderer.takeMicroBatch();
      handedOver.add(microBatch);
      handover.add(microBatch);
    }
  }

  /** Task thread: what the other threads have to tell. */
  private void handle(TrainingEvent event) throws Exception {
    if (event instanceof StepDone done) {
      gauges.step(done.metrics());
      failures.stepped();
      output.collect(new StreamRecord<>(done.metrics()));
    } else if (event instanceof RejectedOfAllowed rejected) {
      gauges.rejectedOfAllowed(rejected.share());
    } else if (event instanceof Rejected rejected) {
      rejected
          .images()
          .forEach(image -> output.collect(TrainingOutputs.REJECTED, new StreamRecord<>(image)));
    } else if (event instanceof Measured measured) {
      output.collect(TrainingOutputs.EPOCHS, new StreamRecord<>(measured.accuracy()));
    } else if (event instanceof CopyDue due) {
      output.collect(TrainingOutputs.COPIES, new StreamRecord<>(due.copy()));
    } else if (event instanceof Distributed distributed) {
      for (TensorHistogram histogram : distributed.histograms()) {
        output.collect(TrainingOutputs.HISTOGRAMS, new StreamRecord<>(histogram));
      }
    } else if (event instanceof Consumed consumed) {
      consumedMicroBatches = consumed.microBatches();
      handedOver.remove();
    } else if (event instanceof Captured capture) {
      release(captured);
      captured = capture.training();
      gauges.checkpointCopy(Duration.ofNanos(captured.copyNanos()));
    } else if (event instanceof ExportStarted) {
      exportsUnderWay++;
    } else if (event instanceof ExportEnded ended) {
      exportsUnderWay--;
      ended.requireUnlessDispensable(gauges);
      ended
          .copy()
          .ifPresent(copy -> output.collect(TrainingOutputs.COPIES, new StreamRecord<>(copy)));
    } else if (event instanceof Ready) {
      ready = true;
    } else if (event instanceof Failed failed) {
      failures.raise(failed.step(), failed.cause());
    }
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
    uploads.requireBearable();
    release(captured);
    captured = null;
    handover.requestCapture(checkpointId);
    failures.captureRequested();
    while (captured == null || captured.checkpointId() != checkpointId) {
      events.handleNext();
    }
    failures.captured();
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    List<TensorChunk> pending = new ArrayList<>();
    handedOver.forEach(pending::addAll);
    pending.addAll(orderer.waiting());
    state.update(checkpoints.elements(captured, pending));
  }

  @Override
  public OperatorSnapshotFutures snapshotState(
      long checkpointId, long timestamp, CheckpointOptions options, CheckpointStreamFactory factory)
      throws Exception {
    if (captured == null || captured.checkpointId() != checkpointId) {
      throw new IllegalStateException("checkpoint %d was not prepared".formatted(checkpointId));
    }
    long step = captured.progress().steps(training.plan());
    try {
      telling.begun(checkpointId);
      uploads.begin(captured, step, timestamp, options.getCheckpointType().isSavepoint());
      OperatorSnapshotFutures futures =
          super.snapshotState(checkpointId, timestamp, options, factory);
      uploads.upload(futures, captured);
      captured = null; // the upload frees it now
      return futures;
    } finally {
      state.clear(); // Flink has copied the list; the elements must not outlive their snapshot
      uploads.endBegin();
    }
  }

  @Override
  public void notifyCheckpointAborted(long checkpointId) throws Exception {
    super.notifyCheckpointAborted(checkpointId);
    uploads.aborted(checkpointId);
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) throws Exception {
    super.notifyCheckpointComplete(checkpointId);
    uploads.completed(checkpointId).ifPresent(telling::tell);
  }

  private void emit(CheckpointCost cost) {
    output.collect(TrainingOutputs.CHECKPOINTS, new StreamRecord<>(cost));
  }

  @Override
  public void endInput() throws Exception {
    while (!handedOver.isEmpty() || exportsUnderWay > 0) {
      mailbox.yield();
    }
    telling.ended();
    long steps = consumedMicroBatches / training.plan().accumulation();
    if (steps < training.plan().totalSteps()) {
      LOG.warn(
          "input ended after step {} of {} ({} chunks left over, chunk {} is missing):"
              + " the run is not complete and no model is exported",
          steps,
          training.plan().totalSteps(),
          orderer.size(),
          orderer.firstMissing());
    }
  }

  @Override
  public void close() throws Exception {
    handover.close();
    if (trainer != null) {
      Threads.end(trainer);
    }
    note.close();
    if (exporter != null) {
      exporter.close();
    }
    try {
      super.close(); // cancels Flink's side of uploads
    } finally {
      uploads.close();
      release(captured);
      for (TrainingEvent event : events.drain()) {
        if (event instanceof Captured unseen) {
          release(unseen.training());
        }
      }
      if (restored != null) {
        restored.close();
      }
    }
  }

  private static void release(CapturedTraining training) {
    if (training != null) {
      training.tensors().close();
    }
  }
}

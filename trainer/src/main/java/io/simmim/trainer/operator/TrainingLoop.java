package io.simmim.trainer.operator;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.trainer.Gradients;
import io.simmim.trainer.InitialState;
import io.simmim.trainer.operator.TrainingEvent.Captured;
import io.simmim.trainer.operator.TrainingEvent.Consumed;
import io.simmim.trainer.operator.TrainingEvent.Failed;
import io.simmim.trainer.operator.TrainingEvent.ModelExport;
import io.simmim.trainer.operator.TrainingEvent.ModelExport.Moment;
import io.simmim.trainer.operator.TrainingEvent.Ready;
import io.simmim.trainer.operator.TrainingEvent.Rejected;
import io.simmim.trainer.operator.TrainingEvent.StepDone;
import io.simmim.trainer.optimizer.LearningRateSchedule;
import io.simmim.trainer.torch.Processor;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The training thread: makes the model, restores it, trains micro-batch after micro-batch, captures
 * the state on request and frees the model at the end. No other thread touches the model.
 *
 * <p>A micro-batch counts by its place in the plan: each gradient has the weight 1/accumulation, as
 * in the official code. An empty micro-batch, all of whose images were rejected, adds nothing. A
 * step without any image leaves weights and moments untouched; it is reported with 0 images, loss 0
 * and gradient norm 0.
 */
final class TrainingLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingLoop.class);

  private final TrainingOperatorConfig config;
  private final BatchPlan plan;
  private final LearningRateSchedule schedule;
  private final Learner.Factory learners;
  private final Handover handover;
  private final ModelExporter exporter;
  private final Consumer<TrainingEvent> events;
  private final RejectedImages rejected;
  private final StepClock clock = new StepClock();

  private RestoredState restored;
  private Learner learner;
  private TrainingProgress progress = TrainingProgress.START;

  /**
   * @param restored where to continue, or null to begin; closed by this thread
   * @param events must be thread-safe and never block
   */
  TrainingLoop(
      TrainingOperatorConfig config,
      Learner.Factory learners,
      RestoredState restored,
      Handover handover,
      ModelExporter exporter,
      Consumer<TrainingEvent> events) {
    this.config = config;
    this.plan = config.plan();
    this.schedule =
        config.decaySteps() > 0
            ? config.schedule().decaying(plan, config.decaySteps())
            : config.schedule().forRun(plan);
    this.learners = learners;
    this.restored = restored;
    this.handover = handover;
    this.exporter = exporter;
    this.events = events;
    this.rejected = new RejectedImages(plan, config.rejectionLimit());
  }

  @Override
  public void run() {
    try {
      begin();
      Optional<Handover.Work> work = take();
      while (work.isPresent()) {
        perform(work.get());
        work = take();
      }
    } catch (InterruptedException e) {
      // Only close() interrupts this thread; nobody waits for it any more except to end.
      Thread.currentThread().interrupt();
    } catch (Throwable e) { // an OutOfMemoryError must reach the task too
      events.accept(new Failed(progress.steps(plan) + 1, e));
    } finally {
      free();
    }
  }

  private void begin() throws IOException, InterruptedException {
    learner =
        learners.create(
            config.trainer(),
            restored == null ? new InitialState.Random() : new InitialState.Saved(restored));
    LOG.info("training with {}", learner.platform().text());
    config.trainer().slownessOn(Processor.current()).ifPresent(LOG::warn);
    if (restored != null) {
      learner.platform().changeFrom(restored.header().platform()).ifPresent(LOG::warn);
      progress = restored.header().progress();
      rejected.restore(restored.rejectedIds(), restored.header().firstRejected());
      restored.close();
      restored = null; // its chunks are the operator's now
    }
    if (progress.isComplete(plan)) {
      export(); // the run may have ended between its last checkpoint and its export
    }
    events.accept(new Ready());
    clock.beginStep();
  }

  private Optional<Handover.Work> take() throws InterruptedException {
    clock.beginWait();
    try {
      return handover.take();
    } finally {
      clock.endWait();
    }
  }

  private void perform(Handover.Work work) throws InterruptedException {
    if (work instanceof Handover.Train train) {
      consume(train.chunks());
    } else if (work instanceof Handover.Capture capture) {
      capture(capture.checkpointId());
    }
  }

  private void consume(List<TensorChunk> chunks) throws InterruptedException {
    int images = 0;
    for (TensorChunk chunk : chunks) {
      record(chunk);
      images += chunk.size();
    }
    if (images == 0) {
      progress = progress.plusEmpty();
    } else {
      double weight = 1.0 / plan.accumulation();
      double loss = learner.accumulate(chunks, progress.microBatches(), weight);
      requireFinite("loss", loss, progress.steps(plan) + 1);
      progress = progress.plus(images, loss);
    }
    if (progress.microBatchOfStep(plan) == 0) {
      finishStep();
    }
    events.accept(new Consumed(progress.microBatches()));
  }

  private void record(TensorChunk chunk) {
    List<RejectedImage> news = rejected.record(chunk);
    if (!news.isEmpty()) {
      events.accept(new Rejected(news));
      rejected.requireWithinLimit(chunk);
    }
  }

  private void finishStep() throws InterruptedException {
    long step = progress.steps(plan); // complete steps, so this one's number from 1
    double learningRate = schedule.ofStep(step - 1);
    double norm = 0;
    double loss = 0;
    if (progress.stepLosses() > 0) {
      norm = learner.update(learningRate);
      requireFinite("gradient norm", norm, step);
      loss = progress.stepLossSum() / progress.stepLosses();
    }
    events.accept(
        new StepDone(
            new StepMetrics(
                step,
                (int) ((step - 1) / plan.stepsPerEpoch()),
                progress.imagesSeen(),
                progress.stepImages(),
                loss,
                learningRate,
                norm,
                progress.stepImages() / clock.seconds(),
                clock.waitShare(),
                rejected.count(),
                System.currentTimeMillis())));
    progress = progress.withNewStep();
    clock.beginStep();
    if (isExportDue(step)) {
      export();
    }
  }

  private void requireFinite(String name, double value, long step) {
    if (!Double.isFinite(value)) {
      throw new UserError(
          "training diverged: the %s of step %d (epoch %d) is %s; a lower learning rate or fp32 may help"
              .formatted(name, step, (step - 1) / plan.stepsPerEpoch() + 1, value));
    }
  }

  private boolean isExportDue(long step) {
    return step == plan.totalSteps()
        || (config.export().everyEpochs() > 0
            && step % (plan.stepsPerEpoch() * config.export().everyEpochs()) == 0);
  }

  private void export() throws InterruptedException {
    ModelExport export =
        progress.isComplete(plan)
            ? new ModelExport(new Path(ModelPaths.trained(config.output())), Moment.COMPLETE)
            : new ModelExport(
                new Path(
                    ModelPaths.afterEpochs(
                        config.output(), (int) (progress.steps(plan) / plan.stepsPerEpoch()))),
                Moment.BETWEEN_EPOCHS);
    exporter.awaitIdle(); // a second copy of the model besides the one being written is too much
    exporter.start(export, learner.snapshot(Gradients.NONE));
  }

  private void capture(long checkpointId) {
    long start = System.nanoTime();
    Gradients gradients = progress.holdsGradients() ? Gradients.KEEP : Gradients.NONE;
    events.accept(
        new Captured(
            checkpointId,
            progress,
            rejected.sampleIds(),
            rejected.first(),
            learner.platform(),
            learner.snapshot(gradients),
            exporter.latest(),
            System.nanoTime() - start));
  }

  private void free() {
    if (restored != null) {
      restored.close();
    }
    if (learner != null) {
      learner.close();
    }
  }
}

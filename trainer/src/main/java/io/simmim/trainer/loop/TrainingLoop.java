package io.simmim.trainer.loop;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.optimizer.LearningRateSchedule;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.torch.Processor;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
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
public final class TrainingLoop implements Runnable {
  /** How what a run ends with begins whose loss or gradients are no numbers any more. */
  public static final String DIVERGED = "training diverged";

  private static final Logger LOG = LoggerFactory.getLogger(TrainingLoop.class);

  /** Who runs the loop. The training thread tells it what happens, in order. */
  public interface Owner {
    /** The model is made, and restored where there is something to restore. */
    void ready();

    /** A micro-batch was consumed; its chunks are not needed any more. */
    void consumed(long microBatches);

    /** A capture that was asked for. */
    void captured(CapturedTraining training);

    /** The training thread ends before its time. */
    void failed(long step, Throwable cause);
  }

  private final LoopConfig config;
  private final BatchPlan plan;
  private final Learner.Factory learners;
  private final Handover handover;
  private final List<StepListener> listeners;
  private final Owner owner;
  private final RejectedImages rejected;
  private final StepClock clock = new StepClock();

  private SavedTraining saved;
  private Learner learner;
  private TrainingProgress progress = TrainingProgress.START;

  /**
   * @param saved where to continue, or nothing to begin; closed by this thread
   * @param listeners called one after the other
   * @param owner must be thread-safe and never block
   */
  public TrainingLoop(
      LoopConfig config,
      Learner.Factory learners,
      Optional<? extends SavedTraining> saved,
      Handover handover,
      List<StepListener> listeners,
      Owner owner) {
    this.config = config;
    this.plan = config.plan();
    this.learners = learners;
    this.saved = saved.orElse(null);
    this.handover = handover;
    this.listeners = List.copyOf(listeners);
    this.owner = owner;
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
      owner.failed(progress.steps(plan) + 1, e);
    } finally {
      free();
    }
  }

  private void begin() throws IOException, InterruptedException {
    learner =
        learners.create(
            config.trainer(),
            saved == null ? new InitialState.Random() : new InitialState.Saved(saved));
    LOG.info("training with {}", learner.platform().text());
    config.trainer().settings().slownessOn(Processor.current()).ifPresent(LOG::warn);
    if (saved != null) {
      learner.platform().changeFrom(saved.platform()).ifPresent(LOG::warn);
      progress = saved.progress();
      rejected.restore(saved.rejectedIds(), saved.firstRejected());
      saved.close();
      saved = null;
    }
    for (StepListener listener : listeners) {
      listener.begun(progress.steps(plan), learner);
    }
    owner.ready();
    clock.beginStep();
  }

  private Optional<Handover.Work> take() throws InterruptedException {
    if (handover.isEmpty()) {
      // What a GPU still computes is no time without images.
      readLosses(progress.steps(plan) + 1);
    }
    clock.beginWait();
    try {
      return handover.take();
    } finally {
      clock.endWait();
    }
  }

  private void perform(Handover.Work work) throws InterruptedException {
    if (work instanceof Handover.Train train) {
      clock.arrived(train.chunks());
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
      learner.accumulate(MicroBatch.of(chunks), progress.microBatches(), weight);
      progress = progress.plusImages(images);
    }
    if (progress.microBatchOfStep(plan) == 0) {
      finishStep();
    }
    owner.consumed(progress.microBatches());
  }

  private void readLosses(long step) {
    for (double loss : learner.losses()) {
      requireFinite("loss", loss, step);
      progress = progress.plusLoss(loss);
    }
  }

  private void record(TensorChunk chunk) {
    List<RejectedImage> news = rejected.record(chunk);
    if (!news.isEmpty()) {
      listeners.forEach(listener -> listener.rejected(news));
      rejected.requireWithinLimit(chunk);
    }
  }

  private void finishStep() throws InterruptedException {
    long step = progress.steps(plan); // complete steps, so this one's number from 1
    LearningRateSchedule schedule = config.schedule();
    double norm = 0;
    double loss = 0;
    readLosses(step);
    if (progress.stepLosses() > 0) {
      for (StepListener listener : listeners) {
        listener.gradientsDone(step, learner);
      }
      norm = learner.update(scale -> schedule.scaledBy(scale).ofStep(step - 1));
      requireFinite("gradient norm", norm, step);
      loss = progress.stepLossSum() / progress.stepLosses();
    }
    StepMetrics metrics =
        new StepMetrics(
            step,
            (int) ((step - 1) / plan.stepsPerEpoch()),
            progress.imagesSeen(),
            progress.stepImages(),
            loss,
            schedule.ofStep(step - 1),
            norm,
            progress.stepImages() / clock.seconds(),
            clock.dataWait(),
            rejected.count(),
            System.currentTimeMillis());
    double rejectedShare = rejected.shareOfAllowed(step * plan.chunksPerStep() - 1);
    progress = progress.withNewStep();
    clock.beginStep();
    for (StepListener listener : listeners) {
      listener.rejectedOfAllowed(rejectedShare);
      listener.stepDone(metrics, learner);
    }
  }

  private void requireFinite(String name, double value, long step) {
    if (!Double.isFinite(value)) {
      throw new UserError(
          DIVERGED
              + ": the %s of step %d (epoch %d) is %s; a lower learning rate or fp32 may help; bin/simmim show OUTPUT --step %d shows its images"
                  .formatted(name, step, (step - 1) / plan.stepsPerEpoch() + 1, value, step));
    }
  }

  private void capture(long checkpointId) {
    readLosses(progress.steps(plan) + 1);
    long start = System.nanoTime();
    Gradients gradients = progress.holdsGradients() ? Gradients.KEEP : Gradients.NONE;
    owner.captured(
        new CapturedTraining(
            checkpointId,
            progress,
            rejected.sampleIds(),
            rejected.first(),
            learner.platform(),
            learner.snapshot(gradients),
            listeners.stream().map(StepListener::underWay).toList(),
            System.nanoTime() - start));
  }

  private void free() {
    if (saved != null) {
      saved.close();
    }
    if (learner != null) {
      learner.close();
    }
  }
}

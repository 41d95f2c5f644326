package io.simmim.trainer.operator;

import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.schemas.evaluation.ModelCopy;
import io.simmim.schemas.histogram.TensorHistogram;
import io.simmim.trainer.export.ModelExport;
import io.simmim.trainer.export.ModelExporter;
import io.simmim.trainer.loop.CapturedTraining;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.loop.StepListener;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.util.function.ThrowingConsumer;

/**
 * The way of events to the task thread: a queue that it may wait on, and a mail that makes it look.
 * Unbounded, but at most a few events come of each micro-batch handed over.
 */
final class TrainingEvents implements TrainingLoop.Owner, StepListener, ModelExporter.Owner {
  private final LinkedBlockingQueue<TrainingEvent> queue = new LinkedBlockingQueue<>();
  private final AtomicBoolean mailUnderWay = new AtomicBoolean();
  private final MailboxExecutor mailbox;
  private final ThrowingConsumer<TrainingEvent, Exception> handler;

  /**
   * @param handler called on the task thread only, in the order of the events
   */
  TrainingEvents(MailboxExecutor mailbox, ThrowingConsumer<TrainingEvent, Exception> handler) {
    this.mailbox = mailbox;
    this.handler = handler;
  }

  @Override
  public void ready() {
    publish(new Ready());
  }

  @Override
  public void rejected(List<RejectedImage> images) {
    publish(new Rejected(images));
  }

  @Override
  public void rejectedOfAllowed(double share) {
    publish(new RejectedOfAllowed(share));
  }

  @Override
  public void stepDone(StepMetrics metrics, Learner model) {
    publish(new StepDone(metrics));
  }

  /** The model was measured after an epoch. */
  void measured(EpochAccuracy accuracy) {
    publish(new Measured(accuracy));
  }

  /** Others are to look at the model. */
  void copyDue(ModelCopy copy) {
    publish(new CopyDue(copy));
  }

  /** Histograms of a step are there. */
  void distributed(List<TensorHistogram> histograms) {
    publish(new Distributed(histograms));
  }

  @Override
  public void consumed(long microBatches) {
    publish(new Consumed(microBatches));
  }

  @Override
  public void captured(CapturedTraining training) {
    publish(new Captured(training));
  }

  @Override
  public void failed(long step, Throwable cause) {
    publish(new Failed(step, cause));
  }

  @Override
  public void started(ModelExport export) {
    publish(new ExportStarted());
  }

  @Override
  public void ended(ModelExport export, Duration duration, Optional<Throwable> failure) {
    publish(new ExportEnded(export, duration, failure));
  }

  /** Any thread; never blocks. */
  private void publish(TrainingEvent event) {
    queue.add(event);
    if (mailUnderWay.compareAndSet(false, true)) {
      try {
        mailbox.execute(this::handleAll, "training events");
      } catch (RejectedExecutionException e) {
        mailUnderWay.set(false); // the task ends: close() looks into the queue itself
      }
    }
  }

  private void handleAll() throws Exception {
    mailUnderWay.set(false);
    TrainingEvent event = queue.poll();
    while (event != null) {
      handler.accept(event);
      event = queue.poll();
    }
  }

  /** Task thread: waits for an event and handles it. */
  void handleNext() throws Exception {
    handler.accept(queue.take());
  }

  /** Removes the events that were not handled. */
  List<TrainingEvent> drain() {
    List<TrainingEvent> rest = new ArrayList<>();
    queue.drainTo(rest);
    return rest;
  }
}

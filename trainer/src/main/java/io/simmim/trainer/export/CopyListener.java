package io.simmim.trainer.export;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.evaluation.ModelCopy;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.loop.StepListener;
import io.simmim.trainer.state.Gradients;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Copies the model to storage for those who look at it while training goes on.
 *
 * <p>A copy is told of when its step is done, and written after that. So a checkpoint behind the
 * step knows of the copy, and as it does not complete before the copy is written, whoever goes on
 * from it finds the copy, or it could not be written.
 */
public final class CopyListener implements StepListener {
  private final BatchPlan plan;
  private final CopySchedule schedule;
  private final String output;
  private final ModelExporter exporter;
  private final Consumer<ModelCopy> due;

  /**
   * @param output folder of the run; see {@link ModelCopies}
   * @param exporter writes; its owner closes it, and is told when a copy is written
   * @param due is told of each copy on the training thread, and must not block
   */
  public CopyListener(
      BatchPlan plan,
      CopySchedule schedule,
      String output,
      ModelExporter exporter,
      Consumer<ModelCopy> due) {
    this.plan = plan;
    this.schedule = schedule;
    this.output = output;
    this.exporter = exporter;
    this.due = due;
  }

  /** Copies of steps that are taken again are made again. */
  @Override
  public void begun(long steps, Learner model) {
    ModelCopies.of(output).deleteAfter(steps);
  }

  @Override
  public void stepDone(StepMetrics metrics, Learner model) throws InterruptedException {
    Optional<ModelCopy> copy = schedule.after(metrics.step(), plan);
    if (copy.isPresent()) {
      due.accept(copy.get());
      exporter.awaitIdle(); // a second copy of the model besides the one being written is too much
      exporter.start(
          ModelExport.of(ModelCopies.of(output).folder(metrics.step()), copy.get()),
          model.snapshot(Gradients.NONE));
    }
  }

  @Override
  public Future<?> underWay() {
    return exporter.latest();
  }
}

package io.simmim.trainer.export;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.trainer.export.ModelExport.Moment;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.loop.StepListener;
import io.simmim.trainer.state.Gradients;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.flink.core.fs.Path;

/** Exports the model at the end of a run, and between epochs as configured. */
public final class ExportListener implements StepListener {
  private final BatchPlan plan;
  private final ExportConfig config;
  private final String output;
  private final ModelExporter exporter;
  private final Supplier<Optional<EpochAccuracy>> accuracy;

  /**
   * @param output folder of the run; see {@link ModelPaths}
   * @param exporter writes; its owner closes it
   * @param accuracy of the complete model, if it was measured
   */
  public ExportListener(
      BatchPlan plan,
      ExportConfig config,
      String output,
      ModelExporter exporter,
      Supplier<Optional<EpochAccuracy>> accuracy) {
    this.plan = plan;
    this.config = config;
    this.output = output;
    this.exporter = exporter;
    this.accuracy = accuracy;
  }

  /** A run may have ended between its last checkpoint and its export. */
  @Override
  public void begun(long steps, Learner model) throws InterruptedException {
    if (steps >= plan.totalSteps()) {
      export(complete(), model);
    }
  }

  @Override
  public void stepDone(StepMetrics metrics, Learner model) throws InterruptedException {
    long step = metrics.step();
    if (step == plan.totalSteps()) {
      export(complete(), model);
    } else if (config.everyEpochs() > 0
        && step % (plan.stepsPerEpoch() * config.everyEpochs()) == 0) {
      int epochs = (int) (step / plan.stepsPerEpoch());
      export(
          new ModelExport(new Path(ModelPaths.afterEpochs(output, epochs)), Moment.BETWEEN_EPOCHS),
          model);
    }
  }

  private ModelExport complete() {
    return new ModelExport(new Path(ModelPaths.trained(output)), Moment.COMPLETE, accuracy.get());
  }

  private void export(ModelExport export, Learner model) throws InterruptedException {
    exporter.awaitIdle(); // a second copy of the model besides the one being written is too much
    exporter.start(export, model.snapshot(Gradients.NONE));
  }

  @Override
  public Future<?> underWay() {
    return exporter.latest();
  }
}

package io.simmim.trainer.export;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.trainer.device.Classifier;
import io.simmim.trainer.device.Validation;
import io.simmim.trainer.export.ModelExport.Moment;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.loop.StepListener;
import io.simmim.trainer.state.Gradients;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures a classifier after each epoch, while training waits, and keeps the best one. The model
 * is only looked at, so training goes on as without. Goes before whoever exports the complete
 * model: a run with that is one whose last epoch was measured.
 *
 * <p>A run that is continued from before its best epoch finds that model already there. It measures
 * the same again, and writes the same again.
 *
 * <p>A best model that could not be written is not kept: whichever is better than the one that is
 * there takes its place.
 */
public final class ValidationListener implements StepListener {
  private static final Logger LOG = LoggerFactory.getLogger(ValidationListener.class);

  private final BatchPlan plan;
  private final String output;
  private final Validation validation;
  private final ModelExporter exporter;
  private final Consumer<EpochAccuracy> measured;
  private Optional<EpochAccuracy> best = Optional.empty();
  private Optional<EpochAccuracy> latest = Optional.empty();

  /**
   * @param output folder of the run; see {@link ModelPaths}
   * @param exporter writes; its owner closes it
   * @param measured is told of each epoch on the training thread, and must not block
   */
  public ValidationListener(
      BatchPlan plan,
      String output,
      Validation validation,
      ModelExporter exporter,
      Consumer<EpochAccuracy> measured) {
    this.plan = plan;
    this.output = output;
    this.validation = validation;
    this.exporter = exporter;
    this.measured = measured;
  }

  /** A run may have ended between its last checkpoint and its export: what it was worth is told. */
  @Override
  public void begun(long steps, Learner model) throws InterruptedException {
    if (steps > 0) {
      try {
        best = kept();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read what the best model is worth", e);
      }
    }
    if (steps >= plan.totalSteps()) {
      latest = Optional.of(measure(model, plan.epochs() - 1, steps));
    }
  }

  /** What the best model is worth that is there. */
  private Optional<EpochAccuracy> kept() throws IOException {
    return NotedAccuracy.read(new Path(ModelPaths.best(output)));
  }

  /** What the model was worth after the last epoch that this process trained. */
  public Optional<EpochAccuracy> latest() {
    return latest;
  }

  private EpochAccuracy measure(Learner model, int epoch, long step) throws InterruptedException {
    try {
      return validation.run((Classifier) model, epoch, step);
    } catch (IOException e) {
      throw new UncheckedIOException("the validation images cannot be read", e);
    }
  }

  @Override
  public void stepDone(StepMetrics metrics, Learner model) throws InterruptedException {
    if (metrics.step() % plan.stepsPerEpoch() != 0) {
      return;
    }
    EpochAccuracy accuracy = measure(model, metrics.epoch(), metrics.step());
    latest = Optional.of(accuracy);
    measured.accept(accuracy);
    noteFailure();
    if (best.isEmpty()
        || accuracy.top1() > best.get().top1()
        || accuracy.epoch() == best.get().epoch()) {
      best = Optional.of(accuracy);
      exporter.awaitIdle();
      exporter.start(
          new ModelExport(new Path(ModelPaths.best(output)), Moment.BEST, best),
          model.snapshot(Gradients.NONE));
    }
  }

  private void noteFailure() {
    if (!exporter.takeBestFailed()) {
      return;
    }
    try {
      best = kept();
    } catch (IOException e) {
      LOG.warn("Cannot read what the best model is worth; the next one counts as better", e);
      best = Optional.empty();
    }
  }
}

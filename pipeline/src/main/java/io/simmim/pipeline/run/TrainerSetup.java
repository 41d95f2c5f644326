package io.simmim.pipeline.run;

import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.BatchPlan;
import io.simmim.trainer.histogram.HistogramSchedule;
import io.simmim.trainer.loop.LearnerConfig;
import io.simmim.trainer.loop.RejectionLimit;
import io.simmim.trainer.operator.ConfigurationIdentity;
import io.simmim.trainer.operator.TrainingOperatorConfig;
import io.simmim.trainer.weights.WeightsReference;
import java.util.Optional;

/**
 * What the trainer of a run is told besides its configuration: in its job, and where its steps are
 * trained again.
 *
 * @param plan how the images are cut into steps
 * @param decay how a continuous run ends, if it is to
 * @param initial what a new run's parameters are read from, unless they are drawn
 * @param identity what a checkpoint must agree with
 */
public record TrainerSetup(
    RunFolder folder,
    BatchPlan plan,
    Optional<Decay> decay,
    Optional<WeightsReference> initial,
    ConfigurationIdentity identity) {
  /**
   * All that the trainer is told.
   *
   * @param learner what is trained
   */
  public TrainingOperatorConfig with(SimmimConfig config, LearnerConfig learner) {
    return new TrainingOperatorConfig(
        learner,
        initial.orElse(null),
        plan,
        config.schedule(),
        decay.map(Decay::steps).orElse(0L),
        folder.root().toString(),
        config.export(),
        config.copies(),
        new HistogramSchedule(config.tensorboard().histogramsEverySteps()),
        new RejectionLimit(config.reject().minRejected(), config.reject().maxShare()),
        config.fetch().largestWindowChunks(),
        identity);
  }
}

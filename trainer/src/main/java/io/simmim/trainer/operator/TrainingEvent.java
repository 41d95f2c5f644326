package io.simmim.trainer.operator;

import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.schemas.evaluation.ModelCopy;
import io.simmim.schemas.evaluation.ModelCopy.Stage;
import io.simmim.schemas.histogram.TensorHistogram;
import io.simmim.trainer.export.ExportFailure;
import io.simmim.trainer.export.ModelExport;
import io.simmim.trainer.export.ModelExporter;
import io.simmim.trainer.loop.CapturedTraining;
import io.simmim.trainer.loop.StepListener;
import io.simmim.trainer.loop.TrainingLoop;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the training and the export thread tell the task thread. Events of the training thread come
 * in the order in which things happened, so whatever comes before a {@link Captured} is part of the
 * captured state.
 */
sealed interface TrainingEvent {
  /** See {@link TrainingLoop.Owner#ready}. */
  record Ready() implements TrainingEvent {}

  /** See {@link StepListener#rejected}. */
  record Rejected(List<RejectedImage> images) implements TrainingEvent {}

  /** See {@link StepListener#rejectedOfAllowed}. */
  record RejectedOfAllowed(double share) implements TrainingEvent {}

  /** See {@link StepListener#stepDone}. */
  record StepDone(StepMetrics metrics) implements TrainingEvent {}

  /** The model was measured after an epoch. */
  record Measured(EpochAccuracy accuracy) implements TrainingEvent {}

  /** Others are to look at the model; its copy is going to be written. */
  record CopyDue(ModelCopy copy) implements TrainingEvent {}

  /** How weights and gradients of a step are distributed. */
  record Distributed(List<TensorHistogram> histograms) implements TrainingEvent {}

  /** See {@link TrainingLoop.Owner#consumed}. */
  record Consumed(long microBatches) implements TrainingEvent {}

  /** See {@link TrainingLoop.Owner#captured}. */
  record Captured(CapturedTraining training) implements TrainingEvent {}

  /** See {@link ModelExporter.Owner#started}. */
  record ExportStarted() implements TrainingEvent {}

  /** See {@link ModelExporter.Owner#ended}. */
  record ExportEnded(ModelExport export, Duration duration, Optional<Throwable> failure)
      implements TrainingEvent {
    private static final Logger LOG = LoggerFactory.getLogger(ExportEnded.class);

    /**
     * Notes how it ended. Training goes on without a model that is missing, unless it is the
     * complete one.
     *
     * @throws Exception that ends the job
     */
    void requireUnlessDispensable(TrainingGauges gauges) throws Exception {
      gauges.export(duration);
      if (failure.isEmpty()) {
        LOG.info("exported {}", export.folder());
        return;
      }
      ExportFailure missing = new ExportFailure(export, failure.get());
      gauges.exportFailed();
      if (export.isFinal()) {
        throw missing.toException();
      }
      LOG.error("{}; training goes on", missing.message());
    }

    /** What becomes of a copy, if it was one. */
    Optional<ModelCopy> copy() {
      return export.copy().map(due -> due.at(failure.isEmpty() ? Stage.WRITTEN : Stage.FAILED));
    }
  }

  /** See {@link TrainingLoop.Owner#failed}. */
  record Failed(long step, Throwable cause) implements TrainingEvent {}
}

package io.simmim.trainer.operator;

import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.StepMetrics;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.trainer.export.ModelExport;
import io.simmim.trainer.export.ModelExporter;
import io.simmim.trainer.loop.CapturedTraining;
import io.simmim.trainer.loop.StepListener;
import io.simmim.trainer.loop.TrainingLoop;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

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

  /** See {@link StepListener#stepDone}. */
  record StepDone(StepMetrics metrics) implements TrainingEvent {}

  /** The model was measured after an epoch. */
  record Measured(EpochAccuracy accuracy) implements TrainingEvent {}

  /** See {@link TrainingLoop.Owner#consumed}. */
  record Consumed(long microBatches) implements TrainingEvent {}

  /** See {@link TrainingLoop.Owner#captured}. */
  record Captured(CapturedTraining training) implements TrainingEvent {}

  /** See {@link ModelExporter.Owner#started}. */
  record ExportStarted() implements TrainingEvent {}

  /** See {@link ModelExporter.Owner#ended}. */
  record ExportEnded(ModelExport export, Duration duration, Optional<Throwable> failure)
      implements TrainingEvent {}

  /** See {@link TrainingLoop.Owner#failed}. */
  record Failed(long step, Throwable cause) implements TrainingEvent {}
}

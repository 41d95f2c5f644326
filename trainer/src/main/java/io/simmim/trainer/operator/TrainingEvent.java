package io.simmim.trainer.operator;

import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.StepMetrics;
import io.simmim.trainer.StateSnapshot;
import io.simmim.trainer.TrainingPlatform;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import org.apache.flink.core.fs.Path;

/**
 * What the training and the export thread tell the task thread. Events of the training thread come
 * in the order in which things happened, so whatever comes before a {@link Captured} is part of the
 * captured state.
 */
sealed interface TrainingEvent {
  /** The model is made, and restored where there is something to restore. */
  record Ready() implements TrainingEvent {}

  /** Images that could not be used, none of which was reported before. */
  record Rejected(List<RejectedImage> images) implements TrainingEvent {}

  /** A step is complete. */
  record StepDone(StepMetrics metrics) implements TrainingEvent {}

  /** A micro-batch was consumed; its chunks are not needed any more. */
  record Consumed(long microBatches) implements TrainingEvent {}

  /**
   * The state at a boundary between two micro-batches.
   *
   * @param platform what trains
   * @param tensors the receiver closes it
   * @param export the export that began last before this state: its weights are gone after it
   */
  record Captured(
      long checkpointId,
      TrainingProgress progress,
      long[] rejectedIds,
      List<RejectedImage> firstRejected,
      TrainingPlatform platform,
      StateSnapshot tensors,
      Future<?> export,
      long copyNanos)
      implements TrainingEvent {}

  /** An export is going to be written. */
  record ExportStarted(ModelExport export) implements TrainingEvent {}

  /** An export is written, or not. */
  record ExportEnded(ModelExport export, long nanos, Optional<Throwable> failure)
      implements TrainingEvent {}

  /** The training thread ends before its time. */
  record Failed(long step, Throwable cause) implements TrainingEvent {}

  /**
   * One exported model.
   *
   * @param folder where it goes
   * @param moment whether training goes on after it
   */
  record ModelExport(Path folder, Moment moment) {
    /** When a model is exported. */
    enum Moment {
      BETWEEN_EPOCHS,
      COMPLETE
    }

    boolean isFinal() {
      return moment == Moment.COMPLETE;
    }
  }
}

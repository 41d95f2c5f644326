package io.simmim.trainer.loop;

import io.simmim.schemas.RejectedImage;
import io.simmim.trainer.state.StateReader;
import io.simmim.trainer.state.TrainingPlatform;
import java.util.List;

/** A training that goes on where it was: the state of the model, and how far it is. */
public interface SavedTraining extends StateReader, AutoCloseable {
  /** How far it is. */
  TrainingProgress progress();

  /** What it was trained with until then. */
  TrainingPlatform platform();

  /** See {@link RejectedImages#sampleIds}. */
  long[] rejectedIds();

  /** See {@link RejectedImages#first}. */
  List<RejectedImage> firstRejected();

  /** Frees the memory of the state; it cannot be read any more. */
  @Override
  void close();
}

package io.simmim.trainer.device;

import io.simmim.schemas.evaluation.EpochAccuracy;
import java.io.IOException;
import java.io.Serializable;

/** Images with labels that a classifier is measured on between epochs, on the training thread. */
public interface Validation {
  /** Makes the validation where the model is trained. */
  interface Factory extends Serializable {
    Validation create();
  }

  /**
   * Measures.
   *
   * @param epoch that is complete, from 0
   * @param step that is complete, from 1
   * @throws IOException if storage is away
   */
  EpochAccuracy run(Classifier model, int epoch, long step)
      throws IOException, InterruptedException;
}

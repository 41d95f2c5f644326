package io.simmim.trainer.loop;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.device.TrainingSettings;
import io.simmim.trainer.device.Validation;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.weights.FittedWeights;
import io.simmim.trainer.weights.NamedTensors;
import java.io.IOException;
import java.io.Serializable;
import java.util.Optional;

/** What is trained, and how: everything that a {@link Learner} is made of. */
public interface LearnerConfig extends Serializable {
  /** Side S of the images in pixels. */
  int imageSize();

  /** All that does not depend on what is trained. */
  TrainingSettings settings();

  /** Makes the model in a given state, on the thread that will train it. */
  Learner create(InitialState initial) throws IOException;

  /**
   * Fits given weights to the model.
   *
   * @param origin how people call the file
   * @param file closed with what is returned, or if it does not fit
   * @throws io.simmim.schemas.UserError that names what does not fit
   */
  FittedWeights fit(String origin, NamedTensors file) throws IOException;

  /** What is said of the model beside its weights. */
  ObjectNode description();

  /** What the model is measured on after each epoch, if it is. */
  default Optional<Validation.Factory> validation() {
    return Optional.empty();
  }
}

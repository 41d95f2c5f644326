package io.simmim.trainer.state;

import io.simmim.schemas.safetensors.SafetensorsFile;
import java.util.Objects;

/** Where the parameters, moments and update count of a new model come from. */
public sealed interface InitialState {
  /** Parameters drawn from the seed, as each encoder and head defines. */
  record Random() implements InitialState {}

  /**
   * The state of another model of the same configuration.
   *
   * @param state all parameters, moments and the step, and either all gradients or none, in the
   *     order of a {@link StateSnapshot}
   */
  record Saved(StateReader state) implements InitialState {
    public Saved {
      Objects.requireNonNull(state, "state");
    }
  }

  /**
   * Parameters of a file, at the beginning of a training: moments and step are zero.
   *
   * @param file has each parameter, fp32, in its shape; the caller closes it
   * @param prefix stands before the parameters' names in the file
   */
  record Weights(SafetensorsFile file, String prefix) implements InitialState {
    public Weights {
      Objects.requireNonNull(file, "file");
      Objects.requireNonNull(prefix, "prefix");
    }
  }
}

package io.simmim.trainer.state;

import io.simmim.trainer.weights.NamedTensors;
import java.util.Objects;
import java.util.Set;

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
   * Given parameters, at the beginning of a training: moments and step are zero.
   *
   * @param tensors have each parameter under its name and in its shape; the caller closes them
   * @param drawn names of parameters that are drawn from the seed instead
   */
  record Weights(NamedTensors tensors, Set<String> drawn) implements InitialState {
    public Weights {
      Objects.requireNonNull(tensors, "tensors");
      drawn = Set.copyOf(drawn);
    }

    /** All parameters are given. */
    public Weights(NamedTensors tensors) {
      this(tensors, Set.of());
    }
  }
}

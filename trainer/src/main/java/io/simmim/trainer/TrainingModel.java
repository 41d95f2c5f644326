package io.simmim.trainer;

import java.io.IOException;
import java.util.List;

/**
 * Parameters, gradients and AdamW moments of one model on one device, and the operations of
 * training. Confined to one thread, except that snapshots are read and closed by any.
 */
@SuppressWarnings("DoNotCallSuggester") // a skeleton until the model arrives
public final class TrainingModel implements AutoCloseable {
  private TrainingModel() {}

  /** A model with its initial parameters: a pure function of the configuration. */
  public static TrainingModel create(TrainerConfig config) {
    throw new UnsupportedOperationException("not yet: " + config);
  }

  /** Names (official, without prefix) and shapes of the parameters, in their official order. */
  public List<TensorSpec> parameters() {
    throw new UnsupportedOperationException();
  }

  /**
   * Forward and backward pass; adds {@code weight} times the gradients to the accumulated ones.
   *
   * @param number of this micro-batch in the whole run, from 0: decides which paths are dropped
   * @return the loss, not weighted
   */
  public double accumulate(MicroBatch batch, long number, double weight) {
    throw new UnsupportedOperationException();
  }

  /**
   * Clips the accumulated gradients, applies AdamW and forgets the gradients.
   *
   * @return 2-norm of the gradients before clipping
   */
  public double update(double learningRate) {
    throw new UnsupportedOperationException();
  }

  /** Copies the state on the device. */
  public StateSnapshot snapshot(Gradients gradients) {
    throw new UnsupportedOperationException();
  }

  /**
   * Replaces the whole state. The source must hold all parameters, moments and the step, and either
   * all gradients or none.
   *
   * @throws IllegalArgumentException if names or shapes differ from this model's
   */
  public void restore(StateReader source) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * What the model predicts for the masked images, without stochastic depth.
   *
   * @return (m, 3, S, S), normalised as the model's input
   */
  public float[] reconstruct(MicroBatch batch) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}

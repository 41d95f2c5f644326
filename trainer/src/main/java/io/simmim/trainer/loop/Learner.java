package io.simmim.trainer.loop;

import io.simmim.schemas.histogram.ValueHistogram;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.device.ScaledRates;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.state.TensorKind;
import io.simmim.trainer.state.TrainingPlatform;
import java.io.IOException;
import java.io.Serializable;
import java.util.Map;

/** What the training loop needs of a model. Belongs to one thread. */
public interface Learner extends AutoCloseable {
  /** Makes the model on the thread that will train it. */
  interface Factory extends Serializable {
    /** A model in a given state. */
    Learner create(LearnerConfig config, InitialState initial) throws IOException;
  }

  /**
   * Forward and backward pass; adds {@code weight} times the gradients to the accumulated ones.
   * Does not wait for a GPU, so that the next images can be made ready while it computes.
   *
   * @param number of this micro-batch in the whole run, from 0: decides which paths are dropped
   */
  void accumulate(MicroBatch batch, long number, double weight);

  /**
   * The losses of the micro-batches since this was last called, not weighted, in their order. Waits
   * for them.
   */
  double[] losses();

  /**
   * The same as {@link #accumulate}, and waits for it.
   *
   * @return the loss, not weighted
   */
  default double accumulateNow(MicroBatch batch, long number, double weight) {
    accumulate(batch, number, weight);
    double[] losses = losses();
    return losses[losses.length - 1];
  }

  /**
   * Clips the accumulated gradients, applies the optimizer and forgets the gradients.
   *
   * @param rates of the groups of parameters that the model has
   * @return 2-norm of the gradients before clipping
   * @throws IllegalStateException if nothing has been accumulated
   */
  double update(ScaledRates rates);

  /** Copies the state on the device. */
  StateSnapshot snapshot(Gradients gradients);

  /**
   * How the values of all tensors of a kind are distributed, by the official names of the
   * parameters and in their order. Counted on the device. There are no gradients between an update
   * and the next micro-batch.
   */
  Map<String, ValueHistogram> histograms(TensorKind kind);

  /** What the model is trained with. */
  TrainingPlatform platform();

  @Override
  void close();
}

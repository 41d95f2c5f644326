package io.simmim.trainer.parity;

import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.state.StateReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * How far rounding alone moves what a recorded model computes. Some gradients are sums that nearly
 * cancel, such as that of the temperature of Swin V2's cosines: which kernels a processor's
 * instruction set selects then shows in digits that other gradients agree in. Some would be zero
 * without rounding, such as those of keys' biases, which softmax does not see, and AdamW divides
 * them by their own size.
 *
 * <p>Found by computing again with parameters that are changed at random by up to four units in the
 * last place: what comes of them has been through sums of a dozen terms and more, of which each is
 * rounded. One unit alone leaves the roundings of two runs alike, and finds too little.
 */
final class RoundingCondition {
  private static final int DRAWS = 8;
  private static final double LAST_PLACES = 4 * 0x1p-23;

  private RoundingCondition() {}

  /** Makes models of one kind. */
  @FunctionalInterface
  interface Factory {
    /** A model in a given state. */
    Learner create(InitialState initial) throws IOException;
  }

  /** What is done with a model, and what comes of it by name. */
  @FunctionalInterface
  interface Run {
    Map<String, float[]> of(Learner model) throws IOException;
  }

  /**
   * Measures each result of a run.
   *
   * @param factory makes models
   * @param state where the run begins
   * @param results of the run from this state
   * @return by the same names the largest ‖moved − result‖ / ‖result‖
   */
  static Map<String, Double> measure(
      Factory factory, StateReader state, Run run, Map<String, float[]> results)
      throws IOException {
    Map<String, Double> largest = new HashMap<>();
    for (int draw = 0; draw < DRAWS; draw++) {
      InitialState changed = new InitialState.Saved(new ChangedState(state, new Random(draw)));
      try (Learner other = factory.create(changed)) {
        run.of(other)
            .forEach(
                (name, moved) ->
                    largest.merge(name, Agreement.distance(moved, results.get(name)), Math::max));
      }
    }
    return largest;
  }

  /** Another state whose values are changed; read in whole values. */
  private record ChangedState(StateReader state, Random random) implements StateReader {
    @Override
    public List<TensorSpec> tensors() {
      return state.tensors();
    }

    @Override
    public void read(int tensor, long byteOffset, ByteBuffer into) throws IOException {
      ByteBuffer values = into.duplicate().order(ByteOrder.LITTLE_ENDIAN);
      state.read(tensor, byteOffset, into);
      while (values.hasRemaining()) {
        float value = values.getFloat(values.position());
        values.putFloat((float) (value * (1 + LAST_PLACES * (2 * random.nextDouble() - 1))));
      }
    }
  }
}

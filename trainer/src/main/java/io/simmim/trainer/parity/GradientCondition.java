package io.simmim.trainer.parity;

import io.simmim.trainer.loop.MicroBatch;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.state.StateReader;
import io.simmim.trainer.state.StateSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * How far rounding alone moves the gradients of a recorded model. Some are sums that nearly cancel,
 * such as that of the temperature of Swin V2's cosines: which kernels a processor's instruction set
 * selects then shows in digits that other gradients agree in.
 *
 * <p>Found by computing the gradients of one batch again with parameters that are changed at random
 * by up to one unit in the last place.
 */
final class GradientCondition {
  private static final String GRADIENT = "grad/";
  private static final int DRAWS = 8;
  private static final double LAST_PLACE = 0x1p-23;

  private GradientCondition() {}

  /** Accumulated gradients by the name of their parameter. */
  static Map<String, float[]> gradients(TrainingModel model) throws IOException {
    Map<String, float[]> gradients = new HashMap<>();
    try (StateSnapshot snapshot = model.snapshot(Gradients.KEEP)) {
      List<TensorSpec> tensors = snapshot.tensors();
      for (int i = 0; i < tensors.size(); i++) {
        if (tensors.get(i).name().startsWith(GRADIENT)) {
          gradients.put(
              tensors.get(i).name().substring(GRADIENT.length()), ModelCase.values(snapshot, i));
        }
      }
    }
    return gradients;
  }

  /**
   * Measures each gradient.
   *
   * @param model has the gradients, and has not been updated since
   * @param gradients of the batch, by the name of their parameter
   * @return by the same names the largest ‖moved − gradient‖ / ‖gradient‖
   */
  static Map<String, Double> measure(
      TrainerConfig config, TrainingModel model, MicroBatch batch, Map<String, float[]> gradients)
      throws IOException {
    Map<String, Double> largest = new HashMap<>();
    try (StateSnapshot state = model.snapshot(Gradients.NONE)) {
      for (int draw = 0; draw < DRAWS; draw++) {
        InitialState changed = new InitialState.Saved(new ChangedState(state, new Random(draw)));
        try (TrainingModel other = TrainingModel.create(config, changed)) {
          other.accumulate(batch, 0, 1);
          gradients(other)
              .forEach(
                  (name, moved) ->
                      largest.merge(
                          name, Agreement.distance(moved, gradients.get(name)), Math::max));
        }
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
        values.putFloat((float) (value * (1 + LAST_PLACE * (2 * random.nextDouble() - 1))));
      }
    }
  }
}

package io.simmim.trainer.parity;

import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.loop.Learner;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateReader;
import io.simmim.trainer.state.StateSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tensors of a recorded training, and what is compared with them. */
final class RecordedTensors {
  private static final String PARAMETER = "param/";

  private static final String GRADIENT = "grad/";
  private static final double TOLERANCE = 5e-5;

  /** Rounding of a number of 24 bits. */
  private static final double ROUNDING = 0x1p-24;

  /** Both what was recorded and what is compared with it are rounded. */
  private static final double ROUNDED_RESULTS = 2;

  private RecordedTensors() {}

  /** The part of a tensor that belongs to a step. */
  static ByteBuffer rows(SafetensorsFile file, String name, long bytes, int step)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(bytes));
    file.read(file.tensor(name), step * bytes, buffer);
    return buffer.flip().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * What a recording says of a result.
   *
   * @param tolerance of ‖found − recorded‖ / ‖recorded‖, where rounding does not move it further
   */
  record Expected(float[] values, double tolerance) {
    /** ‖recorded‖². */
    double square() {
      double sum = 0;
      for (float value : values) {
        sum += (double) value * value;
      }
      return sum;
    }

    /** The same with at least a tolerance of ‖found − recorded‖. */
    Expected within(double distance) {
      double square = square();
      return square == 0
          ? this
          : new Expected(values, Math.max(tolerance, distance / Math.sqrt(square)));
    }
  }

  /**
   * Compares the gradients {@code grad.*} of one batch. Those of a tensor may differ by the
   * rounding of the whole gradient: the official code sums terms that nearly cancel, such as those
   * of the temperature of Swin V2's cosines, in an order of its own.
   *
   * @param model has them, and has not been updated since
   * @param factory makes others like it
   */
  static void compareGradients(
      Agreement agreement,
      Learner model,
      RoundingCondition.Factory factory,
      MicroBatch batch,
      SafetensorsFile file)
      throws IOException {
    Map<String, float[]> gradients = gradients(model);
    try (StateSnapshot state = model.snapshot(Gradients.NONE)) {
      RoundingCondition.Run run =
          other -> {
            other.accumulateNow(batch, 0, 1);
            return gradients(other);
          };
      Map<String, Expected> expected = expected(file, gradients.keySet(), TOLERANCE);
      double whole =
          ROUNDING * Math.sqrt(expected.values().stream().mapToDouble(Expected::square).sum());
      expected.replaceAll((name, one) -> one.within(whole));
      compare(agreement, gradients, expected, factory, state, run);
    }
  }

  private static Map<String, float[]> gradients(Learner model) throws IOException {
    return named(model, GRADIENT, "grad.");
  }

  /** The parameters of a model, by the names of those that a run ends with. */
  static Map<String, float[]> parameters(Learner model) throws IOException {
    return named(model, PARAMETER, "after.");
  }

  /** What a file has of some tensors. */
  static Map<String, Expected> expected(
      SafetensorsFile file, Collection<String> names, double tolerance) throws IOException {
    Map<String, Expected> expected = new LinkedHashMap<>();
    for (String name : names) {
      if (file.tensors().containsKey(name)) {
        expected.put(name, new Expected(file.readFloats(name), tolerance));
      }
    }
    return expected;
  }

  /**
   * Compares what comes of a run.
   *
   * @param results by name
   * @param expected by the same names, as far as there is a recording
   * @param state where the run began
   */
  static void compare(
      Agreement agreement,
      Map<String, float[]> results,
      Map<String, Expected> expected,
      RoundingCondition.Factory factory,
      StateReader state,
      RoundingCondition.Run run)
      throws IOException {
    Map<String, Double> moved = Map.of();
    for (Map.Entry<String, Expected> one : expected.entrySet()) {
      String name = one.getKey();
      float[] found = results.get(name);
      double tolerance = one.getValue().tolerance();
      if (Agreement.distance(found, one.getValue().values()) > tolerance) {
        if (moved.isEmpty()) {
          moved = RoundingCondition.measure(factory, state, run, results);
        }
        tolerance = Math.max(tolerance, ROUNDED_RESULTS * moved.get(name));
      }
      agreement.compare(name, found, one.getValue().values(), tolerance);
    }
  }

  private static Map<String, float[]> named(Learner model, String kind, String prefix)
      throws IOException {
    Map<String, float[]> values = new LinkedHashMap<>();
    try (StateSnapshot snapshot = model.snapshot(Gradients.KEEP)) {
      List<TensorSpec> tensors = snapshot.tensors();
      for (int i = 0; i < tensors.size(); i++) {
        if (tensors.get(i).name().startsWith(kind)) {
          String name = tensors.get(i).name().substring(kind.length());
          values.put(prefix + name, values(snapshot, i));
        }
      }
    }
    return values;
  }

  /** A tensor of a state. */
  private static float[] values(StateReader state, int tensor) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) state.tensors().get(tensor).bytes())
            .order(ByteOrder.LITTLE_ENDIAN);
    state.read(tensor, 0, bytes);
    float[] values = new float[bytes.flip().remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }
}

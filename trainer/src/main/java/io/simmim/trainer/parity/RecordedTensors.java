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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tensors of a recorded training, and what is compared with them. */
final class RecordedTensors {
  /** What names of parameters in a state begin with. */
  static final String PARAMETER = "param/";

  private static final String GRADIENT = "grad/";
  private static final double TOLERANCE = 5e-5;

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
   * Compares the gradients {@code grad.*} of one batch.
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
    try (StateSnapshot state = model.snapshot(Gradients.NONE)) {
      RoundingCondition.Run run =
          other -> {
            other.accumulateNow(batch, 0, 1);
            return named(other, GRADIENT);
          };
      compare(agreement, "grad.", named(model, GRADIENT), factory, state, run, file);
    }
  }

  /**
   * Compares tensors that a run ends with.
   *
   * @param prefix of their names in the file
   * @param results by name
   * @param state where the run began
   */
  static void compare(
      Agreement agreement,
      String prefix,
      Map<String, float[]> results,
      RoundingCondition.Factory factory,
      StateReader state,
      RoundingCondition.Run run,
      SafetensorsFile file)
      throws IOException {
    Map<String, Double> moved = Map.of();
    for (Map.Entry<String, float[]> result : results.entrySet()) {
      String name = prefix + result.getKey();
      if (file.tensors().containsKey(name)) {
        float[] expected = file.readFloats(name);
        double tolerance = TOLERANCE;
        if (Agreement.distance(result.getValue(), expected) > tolerance) {
          if (moved.isEmpty()) {
            moved = RoundingCondition.measure(factory, state, run, results);
          }
          tolerance = Math.max(tolerance, ROUNDED_RESULTS * moved.get(result.getKey()));
        }
        agreement.compare(name, result.getValue(), expected, tolerance);
      }
    }
  }

  /** Parameters or gradients of a model by the name of the parameter. */
  static Map<String, float[]> named(Learner model, String kind) throws IOException {
    Map<String, float[]> values = new LinkedHashMap<>();
    try (StateSnapshot snapshot = model.snapshot(Gradients.KEEP)) {
      List<TensorSpec> tensors = snapshot.tensors();
      for (int i = 0; i < tensors.size(); i++) {
        if (tensors.get(i).name().startsWith(kind)) {
          values.put(tensors.get(i).name().substring(kind.length()), values(snapshot, i));
        }
      }
    }
    return values;
  }

  /** Compares the parameters {@code after.*}. */
  static void compareParameters(
      Agreement agreement, Learner model, double tolerance, SafetensorsFile file)
      throws IOException {
    try (StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      List<TensorSpec> tensors = snapshot.tensors();
      for (int i = 0; i < tensors.size(); i++) {
        String name = tensors.get(i).name().replace("param/", "after.");
        if (file.tensors().containsKey(name)) {
          agreement.compare(name, values(snapshot, i), file.readFloats(name), tolerance);
        }
      }
    }
  }

  /** A tensor of a state. */
  static float[] values(StateReader state, int tensor) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) state.tensors().get(tensor).bytes())
            .order(ByteOrder.LITTLE_ENDIAN);
    state.read(tensor, 0, bytes);
    float[] values = new float[bytes.flip().remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }
}

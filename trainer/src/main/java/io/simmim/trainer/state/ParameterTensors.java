package io.simmim.trainer.state;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.weights.NamedTensors;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.List;

/** The parameters of a model as tensors on a device. */
public final class ParameterTensors {
  private ParameterTensors() {}

  /**
   * Reads given parameters.
   *
   * @param manager of the device; the tensors belong to it
   * @param specs in the order of the result
   * @throws IllegalArgumentException if one is missing or has another shape than the model's
   * @throws IOException if one cannot be read
   */
  public static NDList read(NDManager manager, List<ParameterSpec> specs, NamedTensors tensors)
      throws IOException {
    NDList parameters = new NDList();
    for (ParameterSpec spec : specs) {
      parameters.add(read(manager, spec, tensors));
    }
    return parameters;
  }

  /**
   * Checks that all parameters are there, before anything is made in their sizes.
   *
   * @throws IllegalArgumentException if one is missing or has another shape than the model's
   */
  public static void requireShapes(List<ParameterSpec> specs, NamedTensors tensors) {
    for (ParameterSpec spec : specs) {
      requireShape(spec, tensors);
    }
  }

  private static void requireShape(ParameterSpec spec, NamedTensors tensors) {
    List<Long> shape = tensors.shapes().get(spec.name());
    if (shape == null) {
      throw new IllegalArgumentException("there is no tensor " + spec.name());
    }
    if (!shape.equals(spec.tensor().shape())) {
      throw new IllegalArgumentException(
          "%s must have the shape %s: %s".formatted(spec.name(), spec.tensor().shape(), shape));
    }
  }

  private static NDArray read(NDManager manager, ParameterSpec spec, NamedTensors tensors)
      throws IOException {
    return TensorPieces.create(manager, spec.tensor(), source(spec, tensors));
  }

  /** The bytes of a parameter. */
  static TensorPieces.Source source(ParameterSpec spec, NamedTensors tensors) {
    requireShape(spec, tensors);
    return (offset, into) ->
        tensors.read(
            spec.name(),
            offset / Float.BYTES,
            into.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer());
  }
}

package io.simmim.trainer.state;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.simmim.schemas.safetensors.Dtype;
import io.simmim.schemas.safetensors.TensorEntry;
import io.simmim.trainer.model.parameter.ParameterSpec;
import java.io.IOException;
import java.util.List;

/** The parameters of a model as tensors on a device. */
public final class ParameterTensors {
  private ParameterTensors() {}

  /**
   * Reads parameters from a file.
   *
   * @param manager of the device; the tensors belong to it
   * @param specs in the order of the result
   * @throws IllegalArgumentException if one has another type or shape than the model's
   * @throws IOException if one is missing or cannot be read
   */
  public static NDList read(
      NDManager manager, List<ParameterSpec> specs, InitialState.Weights weights)
      throws IOException {
    NDList parameters = new NDList();
    for (ParameterSpec spec : specs) {
      TensorEntry entry = weights.file().tensor(weights.prefix() + spec.name());
      if (entry.dtype() != Dtype.F32 || !entry.shape().equals(spec.tensor().shape())) {
        throw new IllegalArgumentException(
            "%s must have the type F32 and the shape %s: %s, %s"
                .formatted(entry.name(), spec.tensor().shape(), entry.dtype(), entry.shape()));
      }
      parameters.add(
          TensorPieces.create(
              manager,
              spec.tensor(),
              (offset, into) -> weights.file().read(entry, offset, into.duplicate())));
    }
    return parameters;
  }
}

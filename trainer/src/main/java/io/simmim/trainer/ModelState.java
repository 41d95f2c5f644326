package io.simmim.trainer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.ParameterSpec;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The tensors of one training run on the device: parameters, gradients, moments, update count. */
final class ModelState implements AutoCloseable {
  static final String STEP = "optimizer/step";

  private final NDManager manager;
  private final List<ParameterSpec> specs;
  private final NDList parameters = new NDList();
  private final NDList firstMoments = new NDList();
  private final NDList secondMoments = new NDList();
  private final NDList gradients = new NDList();
  private NDArray step;

  /** Parameters with their initial values, moments zero, no gradients. */
  ModelState(NDManager manager, MaskedImageModel model, long seed) {
    this.manager = manager;
    this.specs = model.parameters();
    step = manager.zeros(TensorPieces.shapeOf(TensorPieces.scalar(STEP)));
    for (int i = 0; i < specs.size(); i++) {
      float[] values = model.initialValues(i, seed);
      NDArray parameter = fill(specs.get(i).tensor(), values);
      parameter.setRequiresGradient(true);
      parameters.add(parameter);
      firstMoments.add(manager.zeros(parameter.getShape()));
      secondMoments.add(manager.zeros(parameter.getShape()));
    }
  }

  private NDArray fill(TensorSpec spec, float[] values) {
    try {
      return TensorPieces.create(
          manager,
          spec,
          (offset, into) ->
              into.order(ByteOrder.LITTLE_ENDIAN)
                  .asFloatBuffer()
                  .put(values, (int) (offset / Float.BYTES), into.remaining() / Float.BYTES));
    } catch (IOException e) {
      throw new IllegalStateException("arrays do not fail to be read", e);
    }
  }

  NDList parameters() {
    return parameters;
  }

  NDList firstMoments() {
    return firstMoments;
  }

  NDList secondMoments() {
    return secondMoments;
  }

  NDArray step() {
    return step;
  }

  /** Accumulated gradients; empty after an update. */
  NDList gradients() {
    return gradients;
  }

  /** Takes over gradients that belong to another manager. */
  void adoptGradients(NDList arrays) {
    for (NDArray array : arrays) {
      array.attach(manager);
      gradients.add(array);
    }
  }

  void dropGradients() {
    gradients.forEach(NDArray::close);
    gradients.clear();
  }

  /** Names and shapes of what there is at present. */
  List<TensorSpec> tensors(Gradients include) {
    return tensors(include == Gradients.KEEP && !gradients.isEmpty());
  }

  private List<TensorSpec> tensors(boolean withGradients) {
    List<TensorSpec> result = new ArrayList<>();
    result.add(TensorPieces.scalar(STEP));
    addAll("param/", result);
    addAll("exp_avg/", result);
    addAll("exp_avg_sq/", result);
    if (withGradients) {
      addAll("grad/", result);
    }
    return result;
  }

  private void addAll(String prefix, List<TensorSpec> result) {
    for (ParameterSpec spec : specs) {
      result.add(new TensorSpec(prefix + spec.name(), spec.tensor().shape()));
    }
  }

  /** The arrays in the order of {@link #tensors}. */
  NDList arrays(Gradients include) {
    NDList result = new NDList(step);
    result.addAll(parameters);
    result.addAll(firstMoments);
    result.addAll(secondMoments);
    if (include == Gradients.KEEP) {
      result.addAll(gradients);
    }
    return result;
  }

  /** Replaces everything; on failure the state is unusable. */
  void restore(StateReader source) throws IOException {
    List<TensorSpec> found = source.tensors();
    boolean withGradients = found.size() == tensors(true).size();
    List<TensorSpec> expected = tensors(withGradients);
    if (!found.equals(expected)) {
      throw new IllegalArgumentException(difference(expected, found));
    }
    dropGradients();
    for (int i = 0; i < expected.size(); i++) {
      int tensor = i;
      replace(
          i,
          TensorPieces.create(
              manager,
              expected.get(i),
              (offset, into) -> source.read(tensor, offset, into.duplicate())));
    }
    parameters.forEach(parameter -> parameter.setRequiresGradient(true));
  }

  /** Puts a tensor in its place in the order of {@link #tensors}; one at a time saves memory. */
  private void replace(int place, NDArray array) {
    if (place == 0) {
      step.close();
      step = array;
      return;
    }
    int parameter = (place - 1) % specs.size();
    switch ((place - 1) / specs.size()) {
      case 0 -> parameters.set(parameter, array).close();
      case 1 -> firstMoments.set(parameter, array).close();
      case 2 -> secondMoments.set(parameter, array).close();
      default -> gradients.add(array);
    }
  }

  private static String difference(List<TensorSpec> expected, List<TensorSpec> found) {
    for (int i = 0; i < Math.min(expected.size(), found.size()); i++) {
      if (!expected.get(i).equals(found.get(i))) {
        return "tensor %d of the state must be %s %s: %s %s"
            .formatted(
                i,
                expected.get(i).name(),
                expected.get(i).shape(),
                found.get(i).name(),
                found.get(i).shape());
      }
    }
    return "the state must have %d tensors: %d".formatted(expected.size(), found.size());
  }

  @Override
  public void close() {
    manager.close();
  }
}

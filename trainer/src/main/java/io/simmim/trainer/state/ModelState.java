package io.simmim.trainer.state;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.simmim.trainer.model.TrainableModel;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.torch.TensorMemory;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The tensors of one training run on the device: parameters, gradients, moments, update count.
 *
 * <p>Once all but the gradients are made, their manager takes no further array. The result of an
 * operation on one of them belongs to the same manager, where it would stay until the run ends: so
 * that is an error instead.
 */
public final class ModelState implements AutoCloseable {
  static final String STEP = "optimizer/step";

  private static final String PARAMETERS = "param/";
  private static final String FIRST_MOMENTS = "exp_avg/";
  private static final String SECOND_MOMENTS = "exp_avg_sq/";
  private static final String GRADIENTS = "grad/";

  private final NDManager kept;
  private final NDManager sums;
  private final List<ParameterSpec> specs;

  /** One scalar. */
  private final NDList step = new NDList();

  private final NDList parameters = new NDList();
  private final NDList firstMoments = new NDList();
  private final NDList secondMoments = new NDList();
  private final NDList gradients = new NDList();
  private long heldBytes;

  private ModelState(NDManager parent, List<ParameterSpec> specs) {
    this.kept = parent.newSubManager();
    this.sums = parent.newSubManager();
    this.specs = specs;
  }

  /**
   * Makes the tensors.
   *
   * @param parent manager of the device
   * @param seed for parameters that are drawn
   * @throws IllegalArgumentException if names or shapes of what is given differ from the model's
   */
  public static ModelState create(
      NDManager parent, TrainableModel model, InitialState initial, long seed) throws IOException {
    ModelState state = new ModelState(parent, model.parameters());
    try {
      if (initial instanceof InitialState.Saved saved) {
        state.read(saved.state());
      } else if (initial instanceof InitialState.Weights weights) {
        state.readParameters(model, seed, weights);
      } else {
        state.drawParameters(model, seed);
      }
      state.parameters.forEach(parameter -> parameter.setRequiresGradient(true));
      state.kept.cap();
      state.countBytes();
      return state;
    } catch (IOException | RuntimeException | Error e) {
      state.close();
      throw e;
    }
  }

  private void drawParameters(TrainableModel model, long seed) throws IOException {
    for (int i = 0; i < specs.size(); i++) {
      drawParameter(model, seed, i);
    }
    beginMoments();
  }

  private void drawParameter(TrainableModel model, long seed, int parameter) throws IOException {
    float[] values = model.initialValues(parameter, seed);
    parameters.add(
        TensorPieces.create(
            kept,
            specs.get(parameter).tensor(),
            (offset, into) ->
                into.order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .put(values, (int) (offset / Float.BYTES), into.remaining() / Float.BYTES)));
  }

  private void readParameters(TrainableModel model, long seed, InitialState.Weights weights)
      throws IOException {
    for (int i = 0; i < specs.size(); i++) {
      if (weights.drawn().contains(specs.get(i).name())) {
        drawParameter(model, seed, i);
      } else {
        parameters.add(ParameterTensors.read(kept, specs.get(i), weights.tensors()));
      }
    }
    beginMoments();
  }

  private void beginMoments() {
    step.add(kept.zeros(TensorPieces.shapeOf(TensorPieces.scalar(STEP))));
    for (NDArray parameter : parameters) {
      firstMoments.add(kept.zeros(parameter.getShape()));
      secondMoments.add(kept.zeros(parameter.getShape()));
    }
  }

  private void read(StateReader source) throws IOException {
    List<TensorSpec> found = source.tensors();
    boolean withGradients = found.size() == tensors(true).size();
    List<TensorSpec> expected = tensors(withGradients);
    if (!found.equals(expected)) {
      throw new IllegalArgumentException(difference(expected, found));
    }
    for (int i = 0; i < expected.size(); i++) {
      int tensor = i;
      NDManager owner = expected.get(i).name().startsWith(GRADIENTS) ? sums : kept;
      listAt(i)
          .add(
              TensorPieces.create(
                  owner,
                  expected.get(i),
                  (offset, into) -> source.read(tensor, offset, into.duplicate())));
    }
  }

  /** The list that a tensor belongs to, by its place in the order of {@link #tensors}. */
  private NDList listAt(int place) {
    if (place == 0) {
      return step;
    }
    return switch ((place - 1) / specs.size()) {
      case 0 -> parameters;
      case 1 -> firstMoments;
      case 2 -> secondMoments;
      default -> gradients;
    };
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

  public NDList parameters() {
    return parameters;
  }

  public NDList firstMoments() {
    return firstMoments;
  }

  public NDList secondMoments() {
    return secondMoments;
  }

  public NDArray step() {
    return step.head();
  }

  /** Accumulated gradients; empty after an update. */
  public NDList gradients() {
    return gradients;
  }

  /** Takes over gradients that belong to another manager. */
  public void adoptGradients(NDList arrays) {
    for (NDArray array : arrays) {
      array.attach(sums);
      gradients.add(array);
    }
    countBytes();
  }

  public void dropGradients() {
    gradients.forEach(NDArray::close);
    gradients.clear();
    countBytes();
  }

  /** Names and shapes of what there is at present. */
  public List<TensorSpec> tensors(Gradients include) {
    return tensors(include == Gradients.KEEP && !gradients.isEmpty());
  }

  private List<TensorSpec> tensors(boolean withGradients) {
    List<TensorSpec> result = new ArrayList<>();
    result.add(TensorPieces.scalar(STEP));
    addAll(PARAMETERS, result);
    addAll(FIRST_MOMENTS, result);
    addAll(SECOND_MOMENTS, result);
    if (withGradients) {
      addAll(GRADIENTS, result);
    }
    return result;
  }

  private void addAll(String prefix, List<TensorSpec> result) {
    for (ParameterSpec spec : specs) {
      result.add(new TensorSpec(prefix + spec.name(), spec.tensor().shape()));
    }
  }

  /** The arrays in the order of {@link #tensors}. */
  public NDList arrays(Gradients include) {
    NDList result = new NDList(step);
    result.addAll(parameters);
    result.addAll(firstMoments);
    result.addAll(secondMoments);
    if (include == Gradients.KEEP) {
      result.addAll(gradients);
    }
    return result;
  }

  private void countBytes() {
    long bytes = TensorPieces.bytes(tensors(Gradients.KEEP));
    TensorMemory.add(bytes - heldBytes);
    heldBytes = bytes;
  }

  @Override
  public void close() {
    kept.close();
    sums.close();
    TensorMemory.add(-heldBytes);
    heldBytes = 0;
  }
}

package io.simmim.trainer.state;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.simmim.trainer.model.TrainableModel;
import io.simmim.trainer.model.parameter.ParameterLayout;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.torch.Arguments;
import io.simmim.trainer.torch.TensorMemory;
import io.simmim.trainer.torch.TorchModule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The tensors of one training run on the device: parameters, gradients, moments, update count. Each
 * kind is one vector with views of it, so that a copy of all is one operation.
 *
 * <p>Once they are made, their manager takes no further array. The result of an operation on one of
 * them belongs to the same manager, where it would stay until the run ends: so that is an error
 * instead.
 */
public final class ModelState implements AutoCloseable {
  static final String STEP = "optimizer/step";

  /** What names of parameters, moments and gradients begin with. */
  private static final List<String> KINDS =
      List.of(StateParameters.PREFIX, "exp_avg/", "exp_avg_sq/", "grad/");

  private final NDManager manager;
  private final TorchModule module;
  private final List<ParameterSpec> specs;
  private final ParameterLayout layout;

  /** One scalar. */
  private final NDArray step;

  private final ParameterVector parameters;
  private final ParameterVector firstMoments;
  private final ParameterVector secondMoments;
  private final ParameterVector gradients;
  private final ParameterVector rounded;

  /** The parameters that passes take rounded, in full precision, and their gradients. */
  private final NDArray exact;

  private final NDArray roundedGradients;

  private final NDList exactGradients = new NDList();

  /** What passes take: of the rounded parameters those, of the others themselves. */
  private final NDList leaves = new NDList();

  private final long heldBytes;
  private boolean holdsGradients;
  private boolean roundedAnew;

  private ModelState(
      NDManager parent, TorchModule module, List<ParameterSpec> specs, ParameterLayout layout) {
    this.manager = parent.newSubManager();
    this.module = module;
    this.specs = specs;
    this.layout = layout;
    try {
      step = manager.zeros(TensorPieces.shapeOf(TensorPieces.scalar(STEP)));
      parameters = ParameterVector.zeros(manager, specs, layout);
      firstMoments = ParameterVector.zeros(manager, specs, layout);
      secondMoments = ParameterVector.zeros(manager, specs, layout);
      gradients = ParameterVector.zeros(manager, specs, layout);
      rounded = ParameterVector.rounded(parameters.vector(), module, specs, layout);
      exact = ParameterVector.slice(parameters.vector(), 0, layout.roundedElements());
      roundedGradients = ParameterVector.slice(gradients.vector(), 0, layout.roundedElements());
    } catch (RuntimeException | Error e) {
      manager.close();
      throw e;
    }
    int next = 0;
    for (int i = 0; i < specs.size(); i++) {
      boolean isRounded = layout.rounded().get(i);
      leaves.add(isRounded ? rounded.views().get(next++) : parameters.views().get(i));
      if (!isRounded) {
        exactGradients.add(gradients.views().get(i));
      }
    }
    heldBytes = 4 * Float.BYTES * layout.elements() + Short.BYTES * layout.roundedElements();
    TensorMemory.add(heldBytes);
  }

  /**
   * Makes the tensors.
   *
   * @param parent manager of the device
   * @param module has the methods of {@link DeviceSnapshot#addTo}, and of the model
   * @param seed for parameters that are drawn
   * @throws IllegalArgumentException if names or shapes of what is given differ from the model's
   */
  public static ModelState create(
      NDManager parent,
      TorchModule module,
      TrainableModel model,
      ParameterLayout layout,
      InitialState initial,
      long seed)
      throws IOException {
    ModelState state = new ModelState(parent, module, model.parameters(), layout);
    try {
      if (initial instanceof InitialState.Saved saved) {
        state.read(saved.state());
      } else if (initial instanceof InitialState.Weights weights) {
        state.readParameters(model, seed, weights);
      } else {
        state.drawParameters(model, seed);
      }
      state.parameters.views().forEach(parameter -> parameter.setRequiresGradient(true));
      state.rounded.views().forEach(parameter -> parameter.setRequiresGradient(true));
      state.manager.cap();
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
  }

  private void drawParameter(TrainableModel model, long seed, int parameter) throws IOException {
    float[] values = model.initialValues(parameter, seed);
    fill(
        parameters,
        parameter,
        (offset, into) ->
            into.asFloatBuffer()
                .put(values, (int) (offset / Float.BYTES), into.remaining() / Float.BYTES));
  }

  private void fill(ParameterVector into, int parameter, TensorPieces.Source source)
      throws IOException {
    long elements = specs.get(parameter).tensor().elements();
    TensorPieces.fill(module, into.vector(), layout.offset(parameter), elements, source);
  }

  private void readParameters(TrainableModel model, long seed, InitialState.Weights weights)
      throws IOException {
    for (int i = 0; i < specs.size(); i++) {
      if (weights.drawn().contains(specs.get(i).name())) {
        drawParameter(model, seed, i);
      } else {
        fill(parameters, i, ParameterTensors.source(specs.get(i), weights.tensors()));
      }
    }
  }

  private void read(StateReader source) throws IOException {
    List<TensorSpec> found = source.tensors();
    holdsGradients = found.size() == tensors(true).size();
    List<TensorSpec> expected = tensors(holdsGradients);
    if (!found.equals(expected)) {
      throw new IllegalArgumentException(difference(expected, found));
    }
    try (NDArray steps = step.reshape(1)) {
      TensorPieces.fill(
          module, steps, 0, 1, (offset, into) -> source.read(0, offset, into.duplicate()));
    }
    List<ParameterVector> vectors = vectors();
    for (int i = 1; i < expected.size(); i++) {
      int tensor = i;
      fill(
          vectors.get((i - 1) / specs.size()),
          (i - 1) % specs.size(),
          (offset, into) -> source.read(tensor, offset, into.duplicate()));
    }
  }

  private List<ParameterVector> vectors() {
    return List.of(parameters, firstMoments, secondMoments, gradients);
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

  /** The parameters themselves. */
  public NDList parameters() {
    return parameters.views();
  }

  /** The parameters as passes take them; rounded anew after an update. */
  public NDList leaves() {
    if (!roundedAnew) {
      roundAnew();
    }
    return leaves;
  }

  private void roundAnew() {
    if (layout.roundedElements() > 0) {
      try (NDManager call = manager.getParentManager().newSubManager()) {
        module.call(call, "round", new Arguments().tensor(rounded.vector()).tensor(exact));
      }
    }
    roundedAnew = true;
  }

  public NDList firstMoments() {
    return firstMoments.views();
  }

  public NDList secondMoments() {
    return secondMoments.views();
  }

  public NDArray step() {
    return step;
  }

  /** Accumulated gradients; without meaning where there are none. */
  public NDList gradients() {
    return gradients.views();
  }

  /** Those of the parameters that passes take as they are. */
  public NDList exactGradients() {
    return exactGradients;
  }

  /** Those of the parameters that passes take rounded, as the layout says. */
  public NDArray roundedGradients() {
    return roundedGradients;
  }

  /** Whether gradients have been accumulated since the last update. */
  public boolean holdsGradients() {
    return holdsGradients;
  }

  /** There are gradients from now on. */
  public void keepGradients() {
    holdsGradients = true;
  }

  /** The parameters are updated. */
  public void updated() {
    holdsGradients = false;
    roundedAnew = false;
  }

  private List<TensorSpec> tensors(boolean withGradients) {
    return places(withGradients).stream().map(DeviceSnapshot.Place::tensor).toList();
  }

  private List<DeviceSnapshot.Place> places(boolean withGradients) {
    List<DeviceSnapshot.Place> places = new ArrayList<>();
    places.add(new DeviceSnapshot.Place(TensorPieces.scalar(STEP), 0, 0));
    for (int kind = 0; kind < (withGradients ? KINDS.size() : KINDS.size() - 1); kind++) {
      for (int i = 0; i < specs.size(); i++) {
        TensorSpec tensor = specs.get(i).tensor();
        TensorSpec named = new TensorSpec(KINDS.get(kind) + tensor.name(), tensor.shape());
        places.add(new DeviceSnapshot.Place(named, kind + 1, layout.offset(i)));
      }
    }
    return places;
  }

  /**
   * Copies the state on its device.
   *
   * @param owner closed with the copy
   */
  public StateSnapshot snapshot(NDManager owner, Gradients include) {
    boolean withGradients = include == Gradients.KEEP && holdsGradients;
    NDList vectors = new NDList(step);
    vectors()
        .subList(0, withGradients ? KINDS.size() : KINDS.size() - 1)
        .forEach(kind -> vectors.add(kind.vector()));
    return DeviceSnapshot.of(owner, module, places(withGradients), vectors);
  }

  @Override
  public void close() {
    if (manager.isOpen()) {
      manager.close();
      TensorMemory.add(-heldBytes);
    }
  }
}

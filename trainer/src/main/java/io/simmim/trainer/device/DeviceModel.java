package io.simmim.trainer.device;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.simmim.schemas.histogram.ValueHistogram;
import io.simmim.trainer.model.TrainableModel;
import io.simmim.trainer.model.encoder.DropPath;
import io.simmim.trainer.model.encoder.PatchIndex;
import io.simmim.trainer.model.parameter.ParameterLayout;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.optimizer.AdamW;
import io.simmim.trainer.optimizer.ParameterGroup;
import io.simmim.trainer.state.DeviceHistograms;
import io.simmim.trainer.state.DeviceSnapshot;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.state.ModelState;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.state.TensorKind;
import io.simmim.trainer.state.TrainingPlatform;
import io.simmim.trainer.torch.Arguments;
import io.simmim.trainer.torch.Processor;
import io.simmim.trainer.torch.TorchDevice;
import io.simmim.trainer.torch.TorchModule;
import io.simmim.trainer.torch.TorchRuntime;
import io.simmim.trainer.torch.TorchScriptSource;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parameters, gradients and AdamW moments of one model on one device, and the operations of
 * training: each is one native call into TorchScript.
 *
 * <p>Not thread-safe: one thread at a time, and on the CPU always the same one where results must
 * be reproducible. Snapshots may be read and closed by any thread meanwhile.
 */
public final class DeviceModel implements AutoCloseable {
  private static final String ENGINE = "PyTorch";

  private final TrainingSettings settings;
  private final List<ParameterGroup> groups;
  private final List<TensorSpec> parameters;
  private final NDManager manager;
  private final NDManager host;
  private final TorchModule module;
  private final ModelState state;
  private final DerivedTensors derived;
  private final ModelInputs inputs;
  private final StagingBuffer staging;
  private final NDManager pending;

  /** Of the micro-batches since they were last read. */
  private final NDList losses = new NDList();

  private DeviceModel(
      TrainingSettings settings,
      TrainableModel model,
      List<ParameterGroup> groups,
      int imageSize,
      int maskSide,
      TorchModule module,
      NDManager manager,
      ModelState state) {
    this.settings = settings;
    this.groups = List.copyOf(groups);
    this.parameters = model.parameters().stream().map(ParameterSpec::tensor).toList();
    this.module = module;
    this.manager = manager;
    this.host = manager.newSubManager(Device.cpu());
    this.pending = manager.newSubManager();
    this.state = state;
    this.derived = new DerivedTensors(manager, module, model.derivedTensors());
    this.staging = new StagingBuffer(host);
    this.inputs = new ModelInputs(imageSize, maskSide, model, manager);
    manager.cap();
  }

  /**
   * A model in a given state. After a failure nothing of it is left in memory.
   *
   * @param groups that each parameter belongs to one of
   * @param imageSize side of the images in pixels
   * @param maskSide side of the masks that come with them
   * @throws IllegalArgumentException if names or shapes of the state differ from this model's
   */
  public static DeviceModel create(
      TrainableModel model,
      TrainingSettings given,
      List<ParameterGroup> groups,
      int imageSize,
      int maskSide,
      InitialState initial)
      throws IOException {
    TrainingSettings settings = given.onThisMachine();
    TorchDevice.require(settings.device());
    TorchRuntime.prepareThread(settings.threads());
    Device device = Device.fromName(settings.device());
    TorchScriptSource source = new TorchScriptSource();
    model.addTo(source, settings.precision());
    AdamW.addTo(source, settings.optimizer(), groups);
    ModelInputs.addTo(DeviceHistograms.addTo(DeviceSnapshot.addTo(source)));
    TorchModule module = TorchModule.compile(source, device);
    NDManager manager = NDManager.newBaseManager(device, ENGINE);
    try {
      ParameterLayout layout = ParameterLayout.of(model.parameters(), settings.precision());
      ModelState state =
          ModelState.create(manager, module, model, layout, initial, settings.seed());
      return new DeviceModel(settings, model, groups, imageSize, maskSide, module, manager, state);
    } catch (IOException | RuntimeException | Error e) {
      manager.close();
      module.close();
      throw e;
    }
  }

  /** What the model is trained with. */
  public TrainingPlatform platform() {
    return new TrainingPlatform(
        TorchRuntime.version(),
        settings.device(),
        Processor.current().kernels(),
        settings.threads());
  }

  /** Official names and shapes of the parameters, in their official order. */
  public List<TensorSpec> parameters() {
    return parameters;
  }

  /** Checks and reads the inputs. */
  public ModelInputs inputs() {
    return inputs;
  }

  /** See {@code Learner#accumulate}. */
  public void accumulate(MicroBatch batch, PatchIndex index, DropPath dropPath, double weight) {
    TorchRuntime.prepareThread(settings.threads());
    try (NDManager step = manager.newSubManager();
        NDManager stepHost = host.newSubManager()) {
      NDList leaves = state.leaves();
      derived.require(inputs.constants(), state.parameters(), dropPath);
      Arguments arguments =
          inputs
              .arguments(
                  step, stepHost, staging, module, batch, index, dropPath, leaves, derived.leaves())
              .number(weight)
              .tensors(state.parameters(), derived.sources())
              .tensors(state.exactGradients())
              .tensor(state.roundedGradients())
              .truth(!state.holdsGradients());
      losses.addAll(module.call(pending, "accumulate", arguments));
      state.keepGradients();
    }
  }

  /** See {@code Learner#losses}. */
  public double[] losses() {
    double[] read = losses.stream().mapToDouble(NDArray::getFloat).toArray();
    losses.forEach(NDArray::close);
    losses.clear();
    return read;
  }

  /** See {@code Learner#update}. */
  public double update(ScaledRates rates) {
    if (!state.holdsGradients()) {
      throw new IllegalStateException("there are no gradients to update with");
    }
    TorchRuntime.prepareThread(settings.threads());
    try (NDManager step = manager.newSubManager();
        NDManager stepHost = host.newSubManager()) {
      double[] ofGroups =
          groups.stream().mapToDouble(group -> rates.of(group.rateScale())).toArray();
      Arguments arguments =
          new Arguments()
              .tensor(stepHost.create(ofGroups))
              .tensor(state.step())
              .tensors(grouped(state.parameters()))
              .tensors(grouped(state.gradients()))
              .tensors(grouped(state.firstMoments()))
              .tensors(grouped(state.secondMoments()));
      double norm = module.call(step, "update", arguments).get(0).getFloat();
      state.updated();
      derived.forget();
      return norm;
    }
  }

  private NDList grouped(NDList arrays) {
    NDList result = new NDList();
    groups.forEach(group -> group.members().forEach(member -> result.add(arrays.get(member))));
    return result;
  }

  /** See {@code Learner#histograms}. */
  public Map<String, ValueHistogram> histograms(TensorKind kind) {
    Map<String, ValueHistogram> histograms = new LinkedHashMap<>();
    if (kind == TensorKind.GRADIENTS && !state.holdsGradients()) {
      return histograms;
    }
    TorchRuntime.prepareThread(settings.threads());
    try (NDManager call = manager.newSubManager()) {
      NDList tensors = kind == TensorKind.WEIGHTS ? state.parameters() : state.gradients();
      List<ValueHistogram> values = DeviceHistograms.of(call, module, tensors);
      for (int i = 0; i < values.size(); i++) {
        histograms.put(parameters.get(i).name(), values.get(i));
      }
      return histograms;
    }
  }

  /** See {@code Learner#snapshot}. */
  public StateSnapshot snapshot(Gradients gradients) {
    TorchRuntime.prepareThread(settings.threads());
    return state.snapshot(NDManager.newBaseManager(manager.getDevice(), ENGINE), gradients);
  }

  /** Results of a method that changes nothing. */
  public List<float[]> call(String method, MicroBatch batch, PatchIndex index, DropPath dropPath) {
    TorchRuntime.prepareThread(settings.threads());
    try (NDManager step = manager.newSubManager();
        NDManager stepHost = host.newSubManager()) {
      Arguments arguments =
          inputs.arguments(
              step, stepHost, staging, module, batch, index, dropPath, state.parameters());
      return module.call(step, method, arguments).stream().map(NDArray::toFloatArray).toList();
    }
  }

  @Override
  public void close() {
    state.close();
    manager.close();
    module.close();
  }
}

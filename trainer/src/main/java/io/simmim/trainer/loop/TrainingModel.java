package io.simmim.trainer.loop;

import static io.simmim.trainer.loop.ModelInputs.addAll;
import static io.simmim.trainer.loop.ModelInputs.named;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.encoder.DropPath;
import io.simmim.trainer.model.encoder.Features;
import io.simmim.trainer.model.encoder.PatchIndex;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.optimizer.AdamW;
import io.simmim.trainer.state.DeviceSnapshot;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.state.ModelState;
import io.simmim.trainer.state.StagingBuffer;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.state.TrainingPlatform;
import io.simmim.trainer.torch.Processor;
import io.simmim.trainer.torch.TorchDevice;
import io.simmim.trainer.torch.TorchModule;
import io.simmim.trainer.torch.TorchRuntime;
import io.simmim.trainer.torch.TorchScriptSource;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Parameters, gradients and AdamW moments of one model on one device, and the operations of
 * training: each is one native call into TorchScript.
 *
 * <p>Not thread-safe: one thread at a time, and on the CPU always the same one where results must
 * be reproducible. Snapshots may be read and closed by any thread meanwhile.
 */
public final class TrainingModel implements Learner {
  private static final String ENGINE = "PyTorch";

  private final TrainerConfig config;
  private final MaskedImageModel model;
  private final NDManager manager;
  private final NDManager host;
  private final TorchModule module;
  private final ModelState state;
  private final ModelInputs inputs;
  private final int[] decaying;
  private final int[] exempt;
  private final StagingBuffer pixelBuffer;

  private TrainingModel(
      TrainerConfig config,
      MaskedImageModel model,
      TorchModule module,
      NDManager manager,
      ModelState state) {
    this.config = config;
    this.model = model;
    this.module = module;
    this.manager = manager;
    this.host = manager.newSubManager(Device.cpu());
    this.state = state;
    this.pixelBuffer = new StagingBuffer(host);
    this.inputs = new ModelInputs(config.model(), model, manager);
    manager.cap();
    List<ParameterSpec> specs = model.parameters();
    decaying = IntStream.range(0, specs.size()).filter(i -> specs.get(i).decays()).toArray();
    exempt = IntStream.range(0, specs.size()).filter(i -> !specs.get(i).decays()).toArray();
  }

  /** A model with drawn parameters: a pure function of the configuration. */
  public static TrainingModel create(TrainerConfig config) {
    try {
      return create(config, new InitialState.Random());
    } catch (IOException e) {
      throw new IllegalStateException("nothing is read to draw parameters", e);
    }
  }

  /**
   * A model in a given state. After a failure nothing of it is left in memory.
   *
   * @throws IllegalArgumentException if names or shapes of the state differ from this model's
   */
  public static TrainingModel create(TrainerConfig given, InitialState initial) throws IOException {
    TrainerConfig config = given.onThisMachine();
    TorchDevice.require(config.device());
    TorchRuntime.prepareThread(config.threads());
    Device device = Device.fromName(config.device());
    MaskedImageModel model = new MaskedImageModel(config.model(), config.colors());
    TorchScriptSource source = new TorchScriptSource();
    model.addTo(source, config.precision());
    AdamW.addTo(source, config.optimizer());
    TorchModule module = TorchModule.compile(DeviceSnapshot.addTo(source), device);
    NDManager manager = NDManager.newBaseManager(device, ENGINE);
    try {
      ModelState state = ModelState.create(manager, model, initial, config.seed());
      return new TrainingModel(config, model, module, manager, state);
    } catch (IOException | RuntimeException | Error e) {
      manager.close();
      module.close();
      throw e;
    }
  }

  @Override
  public TrainingPlatform platform() {
    return new TrainingPlatform(
        TorchRuntime.version(), config.device(), Processor.current().kernels(), config.threads());
  }

  /** Official names and shapes of the parameters, in their official order. */
  public List<TensorSpec> parameters() {
    return model.parameters().stream().map(ParameterSpec::tensor).toList();
  }

  @Override
  public double accumulate(MicroBatch batch, long number, double weight) {
    TorchRuntime.prepareThread(config.threads());
    DropPath dropPath = model.dropPath(batch.images(), config.seed(), number);
    PatchIndex index = model.trainingIndex(inputs.masks(batch), dropPath);
    try (NDManager step = manager.newSubManager();
        NDManager stepHost = host.newSubManager()) {
      NDList arguments = inputs(step, stepHost, batch, index, dropPath);
      arguments.add(named(stepHost.create(weight), "weight"));
      NDList results;
      if (state.gradients().isEmpty()) {
        results = module.call("gradients", arguments);
        state.adoptGradients(results.subNDList(1));
      } else {
        addAll(arguments, state.gradients(), "sums[]");
        results = module.call("accumulate", arguments);
      }
      return results.get(0).getFloat();
    }
  }

  @Override
  public double update(double learningRate) {
    if (state.gradients().isEmpty()) {
      throw new IllegalStateException("there are no gradients to update with");
    }
    TorchRuntime.prepareThread(config.threads());
    try (NDManager step = manager.newSubManager();
        NDManager stepHost = host.newSubManager()) {
      NDArray rate = named(stepHost.create(learningRate), "rate");
      rate.attach(step); // the results follow the first argument's manager
      NDList arguments = new NDList(rate, named(state.step(), "step"));
      addGroup(arguments, decaying, "d[]");
      addGroup(arguments, exempt, "n[]");
      double norm = module.call("update", arguments).get(0).getFloat();
      state.dropGradients();
      return norm;
    }
  }

  private void addGroup(NDList arguments, int[] members, String suffix) {
    addSome(arguments, state.parameters(), members, "p" + suffix);
    addSome(arguments, state.gradients(), members, "g" + suffix);
    addSome(arguments, state.firstMoments(), members, "m" + suffix);
    addSome(arguments, state.secondMoments(), members, "v" + suffix);
  }

  @Override
  public StateSnapshot snapshot(Gradients gradients) {
    TorchRuntime.prepareThread(config.threads());
    return DeviceSnapshot.of(
        NDManager.newBaseManager(manager.getDevice(), ENGINE),
        module,
        state.tensors(gradients),
        state.arrays(gradients));
  }

  /**
   * What the model predicts for the masked images, without stochastic depth.
   *
   * @return (m, 3, S, S), normalised as the model's input
   */
  public float[] reconstruct(MicroBatch batch) {
    return predict(batch).get(1);
  }

  /**
   * What the head gets to predict the masked images from, without stochastic depth: the encoder's
   * features of the cells, and behind MAE's encoder those of its decoder.
   *
   * @return (m, h, w, C)
   */
  public float[] headInput(MicroBatch batch) {
    return predict(batch).get(0);
  }

  private List<float[]> predict(MicroBatch batch) {
    DropPath none = model.noDropPath(batch.images());
    return call("predict", batch, model.predictionIndex(inputs.masks(batch), none), none);
  }

  /**
   * What the encoder makes of whole images; masks that come with them are not looked at.
   *
   * @throws IllegalArgumentException if images or masks have other sizes than the model's
   */
  public Features features(MicroBatch batch) {
    inputs.requireSizes(batch);
    DropPath none = model.noDropPath(batch.images());
    float[] tokens = call("features", batch, model.wholeIndex(none), none).get(0);
    return model.features(tokens, batch.images());
  }

  /** Results of a method that changes nothing. */
  private List<float[]> call(String method, MicroBatch batch, PatchIndex index, DropPath dropPath) {
    TorchRuntime.prepareThread(config.threads());
    try (NDManager step = manager.newSubManager();
        NDManager stepHost = host.newSubManager()) {
      NDList arguments = inputs(step, stepHost, batch, index, dropPath);
      return module.call(method, arguments).stream().map(NDArray::toFloatArray).toList();
    }
  }

  private NDList inputs(
      NDManager step, NDManager stepHost, MicroBatch batch, PatchIndex index, DropPath dropPath) {
    return inputs.arguments(
        step, stepHost, pixelBuffer, batch, index, dropPath, state.parameters());
  }

  private static void addSome(NDList arguments, NDList arrays, int[] members, String name) {
    for (int member : members) {
      arguments.add(named(arrays.get(member), name));
    }
  }

  @Override
  public void close() {
    state.close();
    manager.close();
    module.close();
  }
}

package io.simmim.trainer.inference;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.device.ModelInputs;
import io.simmim.trainer.device.StagingBuffer;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.encoder.DropPath;
import io.simmim.trainer.model.encoder.PatchIndex;
import io.simmim.trainer.state.ParameterTensors;
import io.simmim.trainer.torch.Arguments;
import io.simmim.trainer.torch.TorchDevice;
import io.simmim.trainer.torch.TorchModule;
import io.simmim.trainer.torch.TorchRuntime;
import io.simmim.trainer.torch.TorchScriptSource;
import io.simmim.trainer.weights.NamedTensors;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A model whose parameters stay as they are: four bytes per parameter, shared by all threads that
 * use it. Each operation runs on as many threads as the configuration says; with one, a result does
 * not depend on how many threads use the model at once.
 *
 * <p>Thread-safe.
 */
final class FrozenModel implements AutoCloseable {
  private static final String ENGINE = "PyTorch";

  private final InferenceConfig config;
  private final MaskedImageModel model;
  private final TorchModule module;
  private final NDManager manager;
  private final NDManager host;
  private final ModelInputs inputs;
  private final NDList parameters;

  private FrozenModel(
      InferenceConfig config,
      MaskedImageModel model,
      TorchModule module,
      NDManager manager,
      NDList parameters) {
    this.config = config;
    this.model = model;
    this.module = module;
    this.manager = manager;
    this.parameters = parameters;
    host = manager.newSubManager(Device.cpu());
    inputs = new ModelInputs(config.model().imageSize(), config.model().maskSide(), model, manager);
    manager.cap();
  }

  /** What is computed besides the model's own methods. */
  interface Methods {
    /** Adds them to a source that has those of {@link MaskedImageModel#addTo}. */
    TorchScriptSource addTo(TorchScriptSource source, MaskedImageModel model);
  }

  /**
   * A model with given parameters.
   *
   * @param weights have each parameter; not needed any more afterwards
   * @throws IllegalArgumentException if a parameter is missing or has another shape
   * @throws IOException if one cannot be read
   */
  static FrozenModel load(InferenceConfig config, NamedTensors weights, Methods methods)
      throws IOException {
    TorchDevice.require(config.device());
    TorchRuntime.prepareThread(config.threads());
    Device device = Device.fromName(config.device());
    MaskedImageModel model = new MaskedImageModel(config.model(), config.colors());
    ParameterTensors.requireShapes(model.parameters(), weights);
    TorchScriptSource source = model.addTo(new TorchScriptSource(), config.precision());
    TorchModule module =
        TorchModule.compile(ModelInputs.addTo(methods.addTo(source, model)), device);
    NDManager manager = NDManager.newBaseManager(device, ENGINE);
    try {
      NDList parameters = ParameterTensors.read(manager, model.parameters(), weights);
      return new FrozenModel(config, model, module, manager, parameters);
    } catch (IOException | RuntimeException | Error e) {
      manager.close();
      module.close();
      throw e;
    }
  }

  InferenceConfig config() {
    return config;
  }

  MaskedImageModel model() {
    return model;
  }

  /** For tensors on the model's device that live as long as the model. */
  NDManager newManager() {
    return manager.newSubManager();
  }

  /**
   * The masks of images.
   *
   * @return (m, G, G), 1 = masked
   * @throws IllegalArgumentException if images or masks have another size than the model's
   */
  byte[] masks(MicroBatch batch) {
    return inputs.masks(batch);
  }

  /**
   * Calls a method with whole images; masks that come with them are not looked at.
   *
   * @param batch at least one image
   * @param more adds the arguments that follow those of all methods
   * @param read takes the values of a tensor
   * @throws IllegalArgumentException if images or masks have another size than the model's
   */
  <T> List<T> callWhole(
      String method, MicroBatch batch, Consumer<Arguments> more, Function<NDArray, T> read) {
    inputs.requireSizes(batch);
    DropPath none = model.noDropPath(batch.images());
    return call(method, batch, model.wholeIndex(none), none, more, read);
  }

  /** Calls a method with the patches of an index. */
  <T> List<T> call(
      String method,
      MicroBatch batch,
      PatchIndex index,
      DropPath none,
      Consumer<Arguments> more,
      Function<NDArray, T> read) {
    TorchRuntime.prepareThread(config.threads());
    try (NDManager step = manager.newSubManager();
        NDManager stepHost = host.newSubManager()) {
      StagingBuffer staging = new StagingBuffer(stepHost);
      Arguments arguments =
          inputs.arguments(step, stepHost, staging, module, batch, index, none, parameters);
      more.accept(arguments);
      return module.call(step, method, arguments).stream().map(read).toList();
    }
  }

  @Override
  public void close() {
    manager.close();
    module.close();
  }
}

package io.simmim.trainer.inference;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.simmim.trainer.loop.MicroBatch;
import io.simmim.trainer.loop.ModelInputs;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.encoder.DropPath;
import io.simmim.trainer.model.encoder.PatchIndex;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.state.ParameterTensors;
import io.simmim.trainer.state.StagingBuffer;
import io.simmim.trainer.torch.TorchDevice;
import io.simmim.trainer.torch.TorchModule;
import io.simmim.trainer.torch.TorchRuntime;
import io.simmim.trainer.torch.TorchScriptSource;
import java.io.IOException;

/**
 * A model whose parameters stay as they are: four bytes per parameter, shared by all threads that
 * use it. Each operation runs on as many threads as the configuration says; with one, a result does
 * not depend on how many threads use the encoder at once.
 *
 * <p>Thread-safe.
 */
public final class FrozenEncoder implements AutoCloseable {
  private static final String ENGINE = "PyTorch";

  private final InferenceConfig config;
  private final MaskedImageModel model;
  private final TorchModule module;
  private final NDManager manager;
  private final NDManager host;
  private final ModelInputs inputs;
  private final NDList parameters;

  private FrozenEncoder(
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
    inputs = new ModelInputs(config.model(), model, manager);
    manager.cap();
  }

  /**
   * A model with the parameters of a file.
   *
   * @throws IllegalArgumentException if a parameter has another type or shape
   * @throws IOException if one is missing or cannot be read
   */
  public static FrozenEncoder load(InferenceConfig config, InitialState.Weights weights)
      throws IOException {
    TorchDevice.require(config.device());
    TorchRuntime.prepareThread(config.threads());
    Device device = Device.fromName(config.device());
    MaskedImageModel model = new MaskedImageModel(config.model(), config.colors());
    TorchModule module =
        TorchModule.compile(model.addTo(new TorchScriptSource(), config.precision()), device);
    NDManager manager = NDManager.newBaseManager(device, ENGINE);
    try {
      NDList parameters = ParameterTensors.read(manager, model.parameters(), weights);
      return new FrozenEncoder(config, model, module, manager, parameters);
    } catch (IOException | RuntimeException | Error e) {
      manager.close();
      module.close();
      throw e;
    }
  }

  /**
   * The mean of the encoder's features over all cells of each image.
   *
   * @param batch at least one image, nothing masked
   * @return (m, C)
   */
  public float[] meanFeatures(MicroBatch batch) {
    TorchRuntime.prepareThread(config.threads());
    DropPath none = model.noDropPath(batch.images());
    PatchIndex index = model.predictionIndex(inputs.masks(batch), none);
    try (NDManager step = manager.newSubManager();
        NDManager stepHost = host.newSubManager()) {
      NDList arguments =
          inputs.arguments(
              step, stepHost, new StagingBuffer(stepHost), batch, index, none, parameters);
      NDArray features = module.call("predict", arguments).get(0);
      int width = Math.toIntExact(features.getShape().get(features.getShape().dimension() - 1));
      return means(features.toFloatArray(), batch.images(), width);
    }
  }

  /** Summed in float64 and in the order of the cells, so that no machine rounds another way. */
  private static float[] means(float[] features, int images, int width) {
    int cells = features.length / (images * width);
    float[] means = new float[images * width];
    for (int image = 0; image < images; image++) {
      for (int c = 0; c < width; c++) {
        double sum = 0;
        for (int cell = 0; cell < cells; cell++) {
          sum += features[(image * cells + cell) * width + c];
        }
        means[image * width + c] = (float) (sum / cells);
      }
    }
    return means;
  }

  @Override
  public void close() {
    manager.close();
    module.close();
  }
}

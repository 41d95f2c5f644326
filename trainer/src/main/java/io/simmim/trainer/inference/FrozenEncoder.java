package io.simmim.trainer.inference;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.device.ModelInputs;
import io.simmim.trainer.device.StagingBuffer;
import io.simmim.trainer.inference.FeatureSet.Pooling;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.encoder.DropPath;
import io.simmim.trainer.model.encoder.Features;
import io.simmim.trainer.model.encoder.PatchIndex;
import io.simmim.trainer.state.ParameterTensors;
import io.simmim.trainer.torch.Arguments;
import io.simmim.trainer.torch.TorchDevice;
import io.simmim.trainer.torch.TorchModule;
import io.simmim.trainer.torch.TorchRuntime;
import io.simmim.trainer.torch.TorchScriptSource;
import io.simmim.trainer.weights.NamedTensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

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
    inputs = new ModelInputs(config.model().imageSize(), config.model().maskSide(), model, manager);
    manager.cap();
  }

  /**
   * A model with given parameters.
   *
   * @param weights have each parameter; not needed any more afterwards
   * @throws IllegalArgumentException if a parameter is missing or has another shape
   * @throws IOException if one cannot be read
   */
  public static FrozenEncoder load(InferenceConfig config, NamedTensors weights)
      throws IOException {
    TorchDevice.require(config.device());
    TorchRuntime.prepareThread(config.threads());
    Device device = Device.fromName(config.device());
    MaskedImageModel model = new MaskedImageModel(config.model(), config.colors());
    TorchScriptSource source = model.addTo(new TorchScriptSource(), config.precision());
    model.addLossTo(model.addLayersTo(source));
    TorchModule module = TorchModule.compile(ModelInputs.addTo(source), device);
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
   * What the encoder makes of whole images; masks that come with them are not looked at.
   *
   * @param batch at least one image
   * @throws IllegalArgumentException if images or masks have another size than the model's
   */
  public Features features(MicroBatch batch) {
    inputs.requireSizes(batch);
    DropPath none = model.noDropPath(batch.images());
    float[] tokens = call("features", batch, model.wholeIndex(none), none).get(0);
    return model.features(tokens, batch.images());
  }

  /** What {@link #layers} makes of an image, in this order; computes one to find out. */
  public List<FeatureSet> featureSets() {
    int size = config.model().imageSize();
    int side = config.model().maskSide();
    MicroBatch blank =
        MicroBatch.normalised(size, side, new float[3 * size * size], new byte[side * side]);
    List<Pooling> poolings =
        model.hasClassToken() ? List.of(Pooling.MEAN, Pooling.CLASS) : List.of(Pooling.MEAN);
    List<FeatureSet> sets = new ArrayList<>();
    for (float[] values : layerTensors(blank)) {
      int layer = sets.size() / poolings.size() + 1;
      sets.add(new FeatureSet(layer, poolings.get(sets.size() % poolings.size()), values.length));
    }
    return sets;
  }

  /**
   * What each layer makes of whole images; masks that come with them are not looked at.
   *
   * @param batch at least one image
   * @return (m, W), of each image all its {@link #featureSets} one after the other
   * @throws IllegalArgumentException if images or masks have another size than the model's
   */
  public float[] layers(MicroBatch batch) {
    List<float[]> parts = layerTensors(batch);
    int images = batch.images();
    float[] rows = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (int image = 0; image < images; image++) {
      for (float[] part : parts) {
        int width = part.length / images;
        System.arraycopy(part, image * width, rows, at, width);
        at += width;
      }
    }
    return rows;
  }

  private List<float[]> layerTensors(MicroBatch batch) {
    inputs.requireSizes(batch);
    DropPath none = model.noDropPath(batch.images());
    return call("layers", batch, model.wholeIndex(none), none);
  }

  /**
   * What the model predicts for masked images.
   *
   * @param batch at least one image
   * @return (m, 3, S, S), normalised as the model's input
   * @throws IllegalArgumentException if images or masks have another size than the model's
   */
  public float[] reconstruct(MicroBatch batch) {
    DropPath none = model.noDropPath(batch.images());
    return call("predict", batch, model.predictionIndex(inputs.masks(batch), none), none).get(1);
  }

  /**
   * The loss of masked images, as training computes it, but with nothing dropped and with the
   * running means of batch norms.
   *
   * @param batch at least one image
   * @return the mean over the batch
   * @throws IllegalArgumentException if images or masks have another size than the model's
   */
  public double loss(MicroBatch batch) {
    DropPath none = model.noDropPath(batch.images());
    return call("image_loss", batch, model.trainingIndex(inputs.masks(batch), none), none)
        .get(0)[0];
  }

  private List<float[]> call(String method, MicroBatch batch, PatchIndex index, DropPath none) {
    TorchRuntime.prepareThread(config.threads());
    try (NDManager step = manager.newSubManager();
        NDManager stepHost = host.newSubManager()) {
      StagingBuffer staging = new StagingBuffer(stepHost);
      Arguments arguments =
          inputs.arguments(step, stepHost, staging, module, batch, index, none, parameters);
      return module.call(step, method, arguments).stream().map(NDArray::toFloatArray).toList();
    }
  }

  @Override
  public void close() {
    manager.close();
    module.close();
  }
}

package io.simmim.trainer.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.encoder.AttentionLayer;
import io.simmim.trainer.weights.NamedTensors;
import java.io.IOException;
import java.util.List;

/**
 * What the heads of a trained model attend to in whole images: the attention of its own blocks, of
 * whose scores the softmax and all sums are taken in float64.
 *
 * <p>Thread-safe, and shared by threads as {@link FrozenEncoder} is.
 */
public final class FrozenAttention implements AutoCloseable {
  private final FrozenModel frozen;
  private final List<AttentionLayer> layers;
  private final NDList places = new NDList();
  private final NDList placed = new NDList();

  private FrozenAttention(FrozenModel frozen) {
    this.frozen = frozen;
    layers = frozen.model().attentionLayers();
    NDManager manager = frozen.newManager();
    for (AttentionLayer layer : layers) {
      int windows = layer.windows();
      places.add(manager.create(layer.places(), new Shape(windows, layer.tokens(), 2)));
      placed.add(manager.create(layer.placed(), new Shape(windows, layer.tokens())));
    }
  }

  /**
   * A model with given parameters.
   *
   * @param weights have each parameter; not needed any more afterwards
   * @throws IllegalArgumentException if it has no attention, or a parameter is missing or has
   *     another shape
   * @throws IOException if one cannot be read
   */
  public static FrozenAttention load(InferenceConfig config, NamedTensors weights)
      throws IOException {
    MaskedImageModel model = new MaskedImageModel(config.model(), config.colors());
    if (model.attentionLayers().isEmpty()) {
      throw new IllegalArgumentException("the model must have attention: " + config.model());
    }
    return new FrozenAttention(
        FrozenModel.load(
            config,
            weights,
            (source, loaded) ->
                loaded.addAttentionTo(
                    source,
                    loaded.attentionLayers().stream().map(BlockAttention::mapped).toList())));
  }

  /** Nothing yet, block by block. */
  public List<BlockAttention> none() {
    return layers.stream().map(BlockAttention::new).toList();
  }

  /**
   * Adds what the heads attend to; masks that come with the images are not looked at.
   *
   * @param batch at least one image
   * @param sums as {@link #none} makes them
   * @throws IllegalArgumentException if images or masks have another size than the model's
   */
  public void add(MicroBatch batch, List<BlockAttention> sums) {
    List<double[]> found =
        frozen.callWhole(
            "attention_of_blocks",
            batch,
            arguments -> arguments.tensors(places).tensors(placed),
            NDArray::toDoubleArray);
    int each = found.size() / layers.size();
    for (int block = 0; block < layers.size(); block++) {
      List<double[]> ofBlock = found.subList(block * each, (block + 1) * each);
      sums.get(block).add(batch.images(), ofBlock);
    }
  }

  @Override
  public void close() {
    frozen.close();
  }
}

package io.simmim.trainer.inference;

import ai.djl.ndarray.NDArray;
import io.simmim.schemas.Normalization;
import io.simmim.schemas.TensorChunk;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.inference.FeatureSet.Pooling;
import io.simmim.trainer.mixing.PixelNormalizer;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.encoder.DropPath;
import io.simmim.trainer.model.encoder.Features;
import io.simmim.trainer.model.encoder.PatchIndex;
import io.simmim.trainer.torch.Arguments;
import io.simmim.trainer.weights.NamedTensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a trained model makes of images. Its parameters, four bytes each, are shared by all threads
 * that use it. Each operation runs on as many threads as the configuration says; with one, a result
 * does not depend on how many threads use the encoder at once.
 *
 * <p>Thread-safe.
 */
public final class FrozenEncoder implements AutoCloseable {
  private final FrozenModel frozen;

  private FrozenEncoder(FrozenModel frozen) {
    this.frozen = frozen;
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
    return new FrozenEncoder(
        FrozenModel.load(
            config, weights, (source, model) -> model.addLossTo(model.addLayersTo(source))));
  }

  /**
   * What the encoder makes of whole images; masks that come with them are not looked at.
   *
   * @param batch at least one image
   * @throws IllegalArgumentException if images or masks have another size than the model's
   */
  public Features features(MicroBatch batch) {
    float[] tokens =
        frozen.callWhole("features", batch, FrozenEncoder::none, NDArray::toFloatArray).get(0);
    return frozen.model().features(tokens, batch.images());
  }

  /** Of the images that it takes, and of what it predicts. */
  public Normalization normalization() {
    return frozen.config().model().normalization();
  }

  /** What {@link #layers} makes of an image, in this order; computes one to find out. */
  public List<FeatureSet> featureSets() {
    int size = frozen.config().model().imageSize();
    int side = frozen.config().model().maskSide();
    MicroBatch blank =
        MicroBatch.normalised(size, side, new float[3 * size * size], new byte[side * side]);
    List<Pooling> poolings =
        frozen.model().hasClassToken()
            ? List.of(Pooling.MEAN, Pooling.CLASS)
            : List.of(Pooling.MEAN);
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
    return frozen.callWhole("layers", batch, FrozenEncoder::none, NDArray::toFloatArray);
  }

  /**
   * What the model predicts for masked images.
   *
   * @param batch at least one image
   * @return (m, 3, S, S), normalised as the model's target: as its input and, where the target is
   *     relative to the pixels around it, as that
   * @throws IllegalArgumentException if images or masks have another size than the model's
   */
  public float[] reconstruct(MicroBatch batch) {
    MaskedImageModel model = frozen.model();
    DropPath none = model.noDropPath(batch.images());
    return frozen
        .call(
            "predict",
            batch,
            model.predictionIndex(frozen.masks(batch), none),
            none,
            FrozenEncoder::none,
            NDArray::toFloatArray)
        .get(1);
  }

  /**
   * What the model predicts for masked images, as pixels that can be shown ({@link TargetLevels}).
   *
   * @param images at least one
   * @return (m, 3, S, S), normalised as the model's input
   * @throws IllegalArgumentException if images or masks have another size than the model's
   */
  public float[] picture(TensorChunk images) {
    float[] predicted = reconstruct(MicroBatch.of(List.of(images)));
    TargetLevels levels = new TargetLevels(frozen.config().model());
    if (levels.areLost()) {
      float[] pixels = new float[predicted.length];
      new PixelNormalizer(normalization())
          .normalize(images.pixels(), images.imageSize(), pixels, 0);
      levels.restore(predicted, pixels);
    }
    return predicted;
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
    MaskedImageModel model = frozen.model();
    DropPath none = model.noDropPath(batch.images());
    PatchIndex index = model.trainingIndex(frozen.masks(batch), none);
    return frozen.call("image_loss", batch, index, none, FrozenEncoder::none, NDArray::toFloatArray)
        .get(0)[0];
  }

  private static void none(Arguments arguments) {
    // Its methods take no others.
  }

  @Override
  public void close() {
    frozen.close();
  }
}

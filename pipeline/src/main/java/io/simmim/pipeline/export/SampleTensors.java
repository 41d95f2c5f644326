package io.simmim.pipeline.export;

import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.export.HeldTensor;
import io.simmim.trainer.inference.FrozenEncoder;
import io.simmim.trainer.inference.LinearClassifier;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.Features;
import io.simmim.trainer.model.objective.ObjectiveSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Images and what a model makes of them, so that whoever loads an export can tell whether it
 * computes the same. The images are drawn at random, always the same.
 */
final class SampleTensors {
  private static final int IMAGES = 2;

  private final FrozenEncoder encoder;
  private final ModelConfig model;
  private final ExportFormat format;
  private final Random random = new Random(0);
  private final List<HeldTensor> tensors = new ArrayList<>();
  private final float[] images;

  /**
   * @param encoder of the model below
   * @param format in whose order of tokens features are written
   */
  SampleTensors(FrozenEncoder encoder, ModelConfig model, ExportFormat format) {
    this.encoder = encoder;
    this.model = model;
    this.format = format;
    int size = model.imageSize();
    images = new float[IMAGES * 3 * size * size];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    tensors.add(HeldTensor.floats("images", images, IMAGES, 3, size, size));
  }

  /** The model that samples are drawn of: one that draws its masks has them as fine as patches. */
  static ModelConfig model(ModelConfig trained) {
    if (!ObjectiveSettings.of(trained.objective().type()).drawsMasks()) {
      return trained;
    }
    return new ModelConfig(
        trained.imageSize(),
        trained.imageSize() / trained.encoder().patchSize(),
        trained.choices(),
        false,
        trained.norms(),
        trained.normalization());
  }

  /** Adds what is predicted for masked images, and what decides on the masks. */
  SampleTensors addReconstruction() {
    ObjectiveSettings objective = ObjectiveSettings.of(model.objective().type());
    int cells = model.maskSide() * model.maskSide();
    int masked = cells - (int) (cells * (1 - objective.maskRatio()));
    byte[] masks = new byte[IMAGES * cells];
    float[] noise = new float[masks.length];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = random.nextFloat();
    }
    for (int first = 0; first < noise.length; first += cells) {
      IntStream.range(first, first + cells)
          .boxed()
          .sorted(Comparator.comparing((Integer cell) -> noise[cell]).reversed())
          .limit(masked)
          .forEach(cell -> masks[cell] = 1);
    }
    int size = model.imageSize();
    float[] reconstruction = encoder.reconstruct(batch(masks));
    if (objective.drawsMasks()) {
      tensors.add(HeldTensor.floats("noise", noise, IMAGES, cells));
    } else {
      byte[] ofPatches = ofPatches(masks);
      tensors.add(HeldTensor.bytes("masks", ofPatches, IMAGES, ofPatches.length / (long) IMAGES));
    }
    tensors.add(HeldTensor.floats("reconstruction", reconstruction, IMAGES, 3, size, size));
    return this;
  }

  private MicroBatch batch(byte[] masks) {
    return MicroBatch.normalised(model.imageSize(), model.maskSide(), images, masks);
  }

  private byte[] ofPatches(byte[] masks) {
    int maskSide = model.maskSide();
    int side = model.imageSize() / model.encoder().patchSize();
    byte[] result = new byte[IMAGES * side * side];
    for (int i = 0; i < result.length; i++) {
      int row = i / side % side * maskSide / side;
      int column = i % side * maskSide / side;
      result[i] = masks[(i / (side * side) * maskSide + row) * maskSide + column];
    }
    return result;
  }

  /** Adds the encoder's features of whole images, as the library returns them. */
  SampleTensors addFeatures() {
    Features features = features();
    int side = features.side();
    int width = features.width();
    if (features.hasClassToken()) {
      float[] tokens = features.tokens();
      tensors.add(
          HeldTensor.floats("features", tokens, IMAGES, tokens.length / (IMAGES * width), width));
    } else if (model.encoder().type() == EncoderType.RESNET) {
      float[] channels = channelsFirst(features);
      tensors.add(HeldTensor.floats("features", channels, IMAGES, width, side, side));
    } else if (format == ExportFormat.HUGGINGFACE) {
      tensors.add(HeldTensor.floats("features", features.map(), IMAGES, (long) side * side, width));
    } else {
      tensors.add(HeldTensor.floats("features", features.map(), IMAGES, side, side, width));
    }
    return this;
  }

  private Features features() {
    return encoder.features(batch(new byte[IMAGES * model.maskSide() * model.maskSide()]));
  }

  /** Adds what a classifier says of whole images. */
  SampleTensors addLogits(LinearClassifier classifier) {
    float[] logits = classifier.logits(features());
    tensors.add(HeldTensor.floats("logits", logits, IMAGES, logits.length / (long) IMAGES));
    return this;
  }

  private static float[] channelsFirst(Features features) {
    int cells = features.side() * features.side();
    int width = features.width();
    float[] result = new float[features.map().length];
    for (int i = 0; i < result.length; i++) {
      int image = i / (cells * width);
      result[(image * width + i % width) * cells + i / width % cells] = features.map()[i];
    }
    return result;
  }

  List<HeldTensor> tensors() {
    return List.copyOf(tensors);
  }
}

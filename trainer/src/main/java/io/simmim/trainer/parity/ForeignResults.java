package io.simmim.trainer.parity;

import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.safetensors.TensorEntry;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.inference.FrozenEncoder;
import io.simmim.trainer.interop.ForeignModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.Features;
import io.simmim.trainer.model.objective.ObjectiveType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Compares what a library's model computes here with what it computed there. */
final class ForeignResults {
  private static final double TOLERANCE = 1e-4;

  private final ForeignModel foreign;
  private final ModelConfig model;
  private final FrozenEncoder encoder;
  private final SafetensorsFile expected;
  private final SafetensorsFile weights;
  private final Agreement agreement;
  private final float[] images;
  private final int count;

  ForeignResults(
      ForeignModel foreign,
      FrozenEncoder encoder,
      SafetensorsFile expected,
      SafetensorsFile weights,
      Agreement agreement)
      throws IOException {
    this.foreign = foreign;
    this.model = foreign.model();
    this.encoder = encoder;
    this.expected = expected;
    this.weights = weights;
    this.agreement = agreement;
    images = expected.readFloats(has("images") ? "images" : "pixel_values");
    int size = model.imageSize();
    count = images.length / (3 * size * size);
  }

  private boolean has(String name) {
    return expected.tensors().containsKey(name);
  }

  void compare() throws IOException {
    if (model.objective().type() == ObjectiveType.MAE) {
      compareMae();
      return;
    }
    if (has("bool_masked_pos")) {
      compare("reconstruction", encoder.reconstruct(batch(bytes("bool_masked_pos"))));
    }
    Features features = encoder.features(batch(new byte[count * cells()]));
    for (String name : List.of("last_hidden_state", "forward_features", "features")) {
      if (has(name)) {
        compare(name, inOrderOf(expected.tensor(name), features));
      }
    }
    Optional<float[]> pooled = pooled(features);
    for (String name : List.of("output", "pooler_output")) {
      if (has(name) && pooled.isPresent()) {
        compare(name, classified(pooled.get(), features));
      }
    }
  }

  /** The encoder's own features there are of visible patches in a random order: not compared. */
  private void compareMae() throws IOException {
    byte[] masks = new byte[count * cells()];
    float[] masked = expected.readFloats("mask");
    for (int i = 0; i < masks.length; i++) {
      masks[i] = (byte) masked[i];
    }
    float[] prediction = encoder.reconstruct(batch(masks));
    compare("logits", Layout.patches(prediction, model.imageSize(), model.encoder().patchSize()));
  }

  private int cells() {
    return model.maskSide() * model.maskSide();
  }

  private MicroBatch batch(byte[] masks) {
    return MicroBatch.normalised(model.imageSize(), model.maskSide(), images, masks);
  }

  private byte[] bytes(String name) throws IOException {
    ByteBuffer values = expected.read(name);
    byte[] result = new byte[values.remaining()];
    values.get(result);
    return result;
  }

  private void compare(String name, float[] found) throws IOException {
    agreement.within(name, found, expected.readFloats(name), TOLERANCE);
  }

  private float[] inOrderOf(TensorEntry entry, Features features) {
    return model.encoder().type() == EncoderType.RESNET
        ? Layout.channelsFirst(features.map(), entry)
        : features.tokens();
  }

  /** What a classifier looks at, where it is known. */
  private Optional<float[]> pooled(Features features) throws IOException {
    if (model.norms().behindPooling()) {
      return Optional.of(normalised(features.mean(), features.width()));
    }
    if (!features.hasClassToken()) {
      return Optional.of(features.mean());
    }
    boolean denseLayer = foreign.extra().stream().anyMatch(name -> name.contains("pooler."));
    return denseLayer ? Optional.empty() : Optional.of(features.classTokens());
  }

  private float[] normalised(float[] rows, int width) throws IOException {
    float[] weight = weights.readFloats("encoder.norm.weight");
    float[] bias = weights.readFloats("encoder.norm.bias");
    float[] result = new float[rows.length];
    for (int row = 0; row < rows.length; row += width) {
      double sum = 0;
      double squares = 0;
      for (int i = row; i < row + width; i++) {
        sum += rows[i];
      }
      double mean = sum / width;
      for (int i = row; i < row + width; i++) {
        squares += (rows[i] - mean) * (rows[i] - mean);
      }
      double deviation = Math.sqrt(squares / width + model.norms().epsilon());
      for (int i = 0; i < width; i++) {
        result[row + i] = (float) ((rows[row + i] - mean) / deviation * weight[i] + bias[i]);
      }
    }
    return result;
  }

  /** Behind the library's classifier, if it has one. */
  private float[] classified(float[] pooled, Features features) throws IOException {
    String head = "library/" + foreign.layout() + "/head.fc.";
    if (!weights.tensors().containsKey(head + "weight")) {
      return pooled;
    }
    float[] weight = weights.readFloats(head + "weight");
    float[] bias = weights.readFloats(head + "bias");
    int width = features.width();
    float[] result = new float[count * bias.length];
    for (int i = 0; i < result.length; i++) {
      double sum = bias[i % bias.length];
      for (int c = 0; c < width; c++) {
        sum += (double) pooled[i / bias.length * width + c] * weight[i % bias.length * width + c];
      }
      result[i] = (float) sum;
    }
    return result;
  }
}

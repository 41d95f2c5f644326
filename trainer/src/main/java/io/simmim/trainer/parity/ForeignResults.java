package io.simmim.trainer.parity;

import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.safetensors.TensorEntry;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.inference.FrozenEncoder;
import io.simmim.trainer.inference.LinearClassifier;
import io.simmim.trainer.interop.ForeignModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.Features;
import io.simmim.trainer.model.objective.ObjectiveType;
import io.simmim.trainer.weights.SafetensorsTensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Compares what a library's model computes here with what it computed there. */
final class ForeignResults {
  private static final double TOLERANCE = 1e-4;

  private final ForeignModel foreign;
  private final ModelConfig model;
  private final FrozenEncoder encoder;
  private final SafetensorsFile expected;
  private final LinearClassifier classifier;
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
    classifier = LinearClassifier.read(model, new SafetensorsTensors(weights, ""));
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
    boolean classifies = foreign.head().isPresent();
    for (String name : List.of("output", "logits")) {
      if (has(name) && classifies) {
        compare(name, classifier.logits(features));
      }
    }
    for (String name : List.of("output", "pooler_output")) {
      if (has(name) && !classifies && !looksThroughMore(features)) {
        compare(name, classifier.pooled(features));
      }
    }
  }

  /** Whether a dense layer that no model here has is behind the class token. */
  private boolean looksThroughMore(Features features) {
    return !model.norms().behindPooling()
        && features.hasClassToken()
        && foreign.extra().stream().anyMatch(name -> name.contains("pooler."));
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
}

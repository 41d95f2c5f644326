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
import io.simmim.trainer.model.objective.ObjectiveSettings;
import io.simmim.trainer.weights.SafetensorsTensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Compares what a library's model computes here with what it computed there. */
final class ForeignResults {
  private static final double TOLERANCE = 1e-4;
  private static final String CLASSIFIER = "(classifier|head|fc)\\..*";

  private final ForeignModel foreign;
  private final ModelConfig model;
  private final FrozenEncoder encoder;
  private final SafetensorsFile expected;
  private final LinearClassifier classifier;
  private final Agreement agreement;
  private final float[] images;
  private final int count;

  /**
   * @param model as the encoder has it ({@link #shown})
   */
  ForeignResults(
      ForeignModel foreign,
      ModelConfig model,
      FrozenEncoder encoder,
      SafetensorsFile expected,
      SafetensorsFile weights,
      Agreement agreement)
      throws IOException {
    this.foreign = foreign;
    this.model = model;
    this.encoder = encoder;
    this.expected = expected;
    classifier = LinearClassifier.read(model, new SafetensorsTensors(weights, ""));
    this.agreement = agreement;
    images = expected.readFloats(images(expected));
    int size = model.imageSize();
    count = images.length / (3 * size * size);
  }

  private static String images(SafetensorsFile expected) {
    return expected.tensors().containsKey("images") ? "images" : "pixel_values";
  }

  /** A model for images as they were recorded: those of residual networks may have any size. */
  static ModelConfig shown(ModelConfig model, SafetensorsFile expected) throws IOException {
    if (model.encoder().type() != EncoderType.RESNET) {
      return model;
    }
    int side = expected.tensor(images(expected)).size(2);
    return ModelConfig.simmim(side, side / model.encoder().stride(), model.encoder())
        .withNorms(model.norms())
        .withNormalization(model.normalization());
  }

  private boolean has(String name) {
    return expected.tensors().containsKey(name);
  }

  void compare() throws IOException {
    if (ObjectiveSettings.of(model.objective().type()).drawsMasks()) {
      compareReconstruction();
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
    boolean pools = !classifies && !looksThroughMore(features);
    for (String name : List.of("output", "logits")) {
      if (has(name) && classifies) {
        compare(name, classifier.logits(features));
      }
    }
    for (String name : List.of("output", "pooler_output")) {
      if (has(name) && pools) {
        compare(name, classifier.pooled(features));
      }
    }
  }

  /** Whether a layer that no model here has is behind the class token, or behind the mean. */
  private boolean looksThroughMore(Features features) {
    boolean pooler =
        !model.norms().behindPooling()
            && features.hasClassToken()
            && foreign.extra().stream().anyMatch(name -> name.contains("pooler."));
    return pooler || foreign.extra().stream().anyMatch(name -> name.matches(CLASSIFIER));
  }

  /** The encoder's own features there are of visible patches in a random order: not compared. */
  private void compareReconstruction() throws IOException {
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

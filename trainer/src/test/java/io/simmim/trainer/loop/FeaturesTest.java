package io.simmim.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.Features;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.head.HeadConfig;
import io.simmim.trainer.model.objective.ModelChoices;
import io.simmim.trainer.model.objective.ObjectiveConfig;
import io.simmim.trainer.model.objective.ObjectiveType;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.model.target.LossArea;
import io.simmim.trainer.model.target.LossConfig;
import io.simmim.trainer.model.target.LossType;
import io.simmim.trainer.model.target.TargetConfig;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.state.StateReader;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.torch.Precision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Encoder features against recordings of timm 1.0.29 ({@code forward_features}: of each image its
 * class token, then its cells), and against each other.
 */
@Tag("slow")
class FeaturesTest {
  private static final Path RECORDINGS = Path.of("src/test/resources/features");
  private static final int SIZE = SmallModels.IMAGE_SIZE;
  private static final int WIDTH = 48;
  private static final ModelConfig VIT = simmim(RelativePositionBias.NONE, 0);
  private static final ModelConfig BEIT = simmim(RelativePositionBias.PER_BLOCK, 0.1);
  private static final ModelConfig MAE =
      new ModelConfig(
          SIZE,
          SmallModels.MASK_SIDE,
          new ModelChoices(
              new ObjectiveConfig(ObjectiveType.MAE, 32, 2, 4),
              VIT.encoder(),
              HeadConfig.LINEAR,
              TargetConfig.PIXELS_NORMALISED_PER_CELL,
              new LossConfig(LossType.L2, LossArea.MASKED)),
          false);

  /** Absolute; what is found here differs by little more than 1e-6. */
  private static final float TOLERANCE = 1e-5f;

  private static ModelConfig simmim(RelativePositionBias bias, double layerScale) {
    EncoderConfig encoder =
        new EncoderConfig(
            EncoderType.VIT,
            16,
            WIDTH,
            List.of(3),
            List.of(3),
            0,
            0,
            4,
            true,
            bias == RelativePositionBias.NONE,
            bias,
            layerScale,
            0.2);
    return ModelConfig.simmim(SIZE, SmallModels.MASK_SIDE, encoder);
  }

  @Test
  void agreeWithTimmsVit() throws Exception {
    Map<String, float[]> weights = tensors("timm_vit/model");
    splitBiases(weights);
    compare(VIT, "encoder.", weights, tensors("timm_vit/expected"));
  }

  @Test
  void areTheEncodersBehindMae() throws Exception {
    compare(MAE, "", tensors("timm_vit/model"), tensors("timm_vit/expected"));
  }

  /** There the recorded features come before the norm, which is left as it begins. */
  @Test
  void agreeWithTimmsBeit() throws Exception {
    Map<String, float[]> expected = tensors("timm_beit/expected");
    normalise(expected.get("forward_features"));
    compare(BEIT, "encoder.", tensors("timm_beit/model"), expected);
  }

  private static void compare(
      ModelConfig config,
      String prefix,
      Map<String, float[]> weights,
      Map<String, float[]> recording)
      throws Exception {
    float[] tokens = recording.get("forward_features");
    try (TrainingModel model = withWeights(config, prefix, weights)) {
      Features features = model.features(batch(config, recording.get("images")));

      int cells = features.side() * features.side();
      int perImage = (1 + cells) * WIDTH;
      assertThat(features.images() * perImage).isEqualTo(tokens.length);
      for (int image = 0; image < features.images(); image++) {
        int at = image * perImage;
        assertClose(
            Arrays.copyOfRange(features.classTokens(), image * WIDTH, (image + 1) * WIDTH),
            Arrays.copyOfRange(tokens, at, at + WIDTH));
        float[] map = Arrays.copyOfRange(tokens, at + WIDTH, at + perImage);
        assertClose(
            Arrays.copyOfRange(features.map(), image * cells * WIDTH, (image + 1) * cells * WIDTH),
            map);
        float[] mean = Arrays.copyOfRange(features.mean(), image * WIDTH, (image + 1) * WIDTH);
        for (int c = 0; c < WIDTH; c++) {
          double sum = 0;
          for (int cell = 0; cell < cells; cell++) {
            sum += map[cell * WIDTH + c];
          }
          assertThat(mean[c]).isCloseTo((float) (sum / cells), within(TOLERANCE));
        }
      }
    }
  }

  static Stream<Map.Entry<String, ModelConfig>> models() {
    return SmallModels.all().entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("models")
  void ofAnImageDependNeitherOnItsMaskNorOnTheOtherImages(Map.Entry<String, ModelConfig> entry) {
    ModelConfig config = entry.getValue();
    try (TrainingModel model = TrainingModel.create(SmallModels.trainer(config, Precision.FP32))) {
      model.accumulateNow(SmallModels.batch(config, 4, 1), 0, 1);
      model.update(0.01); // so that norms of version 2 are not zero
      float[] pixels = SmallModels.pixels(2, 5);
      Features both = model.features(batch(config, pixels));
      byte[] masks = SmallModels.masks(config.maskSide(), 1, 6);
      float[] first = Arrays.copyOf(pixels, pixels.length / 2);
      Features alone = model.features(MicroBatch.normalised(SIZE, config.maskSide(), first, masks));

      assertThat(both.side()).isEqualTo(SIZE / config.encoder().stride());
      assertThat(both.map()).hasSize(2 * both.side() * both.side() * both.width());
      assertClose(alone.map(), Arrays.copyOf(both.map(), alone.map().length));
      assertThat(both.hasClassToken()).isEqualTo(config.encoder().type() == EncoderType.VIT);
      if (both.hasClassToken()) {
        assertThat(both.width()).isEqualTo(config.encoder().embedDim());
        assertThat(both.classTokens()).hasSize(2 * both.width());
        assertClose(
            alone.classTokens(), Arrays.copyOf(both.classTokens(), alone.classTokens().length));
      }
    }
  }

  /** Batch norms of a prediction take the batch's statistics, and MAE's head gets its decoder's. */
  static Stream<Map.Entry<String, ModelConfig>> modelsWithoutBatchNormOrDecoder() {
    return models()
        .filter(entry -> entry.getValue().encoder().type() != EncoderType.RESNET)
        .filter(entry -> entry.getValue().objective().type() == ObjectiveType.SIMMIM);
  }

  @ParameterizedTest
  @MethodSource("modelsWithoutBatchNormOrDecoder")
  void areWhatTheHeadGetsOfImagesWithoutAMask(Map.Entry<String, ModelConfig> entry) {
    ModelConfig config = entry.getValue();
    try (TrainingModel model = TrainingModel.create(SmallModels.trainer(config, Precision.FP32))) {
      model.accumulateNow(SmallModels.batch(config, 4, 1), 0, 1);
      model.update(0.01);
      MicroBatch batch = batch(config, SmallModels.pixels(2, 5));

      assertClose(model.features(batch).map(), model.headInput(batch));
    }
  }

  private static MicroBatch batch(ModelConfig config, float[] pixels) {
    int images = pixels.length / (3 * SIZE * SIZE);
    byte[] masks = new byte[images * config.maskSide() * config.maskSide()];
    return MicroBatch.normalised(SIZE, config.maskSide(), pixels, masks);
  }

  private static void assertClose(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).as("value %d", i).isCloseTo(expected[i], within(TOLERANCE));
    }
  }

  private static Map<String, float[]> tensors(String name) throws IOException {
    Map<String, float[]> tensors = new HashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(RECORDINGS.resolve(name + ".safetensors"))) {
      for (String tensor : file.tensors().keySet()) {
        tensors.put(tensor, file.readFloats(tensor));
      }
    }
    return tensors;
  }

  /** SimMIM's ViT has no bias of keys, which softmax does not see. */
  private static void splitBiases(Map<String, float[]> weights) {
    for (String name : List.copyOf(weights.keySet())) {
      if (name.endsWith("attn.qkv.bias")) {
        float[] bias = weights.remove(name);
        String block = name.substring(0, name.length() - "qkv.bias".length());
        weights.put(block + "q_bias", Arrays.copyOf(bias, WIDTH));
        weights.put(block + "v_bias", Arrays.copyOfRange(bias, 2 * WIDTH, 3 * WIDTH));
      }
    }
  }

  private static void normalise(float[] tokens) {
    for (int at = 0; at < tokens.length; at += WIDTH) {
      double mean = 0;
      double square = 0;
      for (int c = 0; c < WIDTH; c++) {
        mean += tokens[at + c] / (double) WIDTH;
        square += Math.pow(tokens[at + c], 2) / WIDTH;
      }
      double deviation = Math.sqrt(square - mean * mean + 1e-6);
      for (int c = 0; c < WIDTH; c++) {
        tokens[at + c] = (float) ((tokens[at + c] - mean) / deviation);
      }
    }
  }

  /** A model with the given parameters in place of those of its encoder that were drawn. */
  private static TrainingModel withWeights(
      ModelConfig config, String prefix, Map<String, float[]> weights) throws IOException {
    TrainerConfig trainer = SmallModels.trainer(config, Precision.FP32);
    try (TrainingModel drawn = TrainingModel.create(trainer);
        StateSnapshot state = drawn.snapshot(Gradients.NONE)) {
      return TrainingModel.create(
          trainer, new InitialState.Saved(new Replaced(state, "param/" + prefix, weights)));
    }
  }

  private record Replaced(StateReader state, String prefix, Map<String, float[]> values)
      implements StateReader {
    @Override
    public List<TensorSpec> tensors() {
      return state.tensors();
    }

    @Override
    public void read(int tensor, long byteOffset, ByteBuffer into) throws IOException {
      String name = tensors().get(tensor).name();
      float[] replaced =
          name.startsWith(prefix) ? values.get(name.substring(prefix.length())) : null;
      if (replaced == null) {
        state.read(tensor, byteOffset, into);
        return;
      }
      ByteBuffer bytes =
          ByteBuffer.allocate(replaced.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(replaced);
      into.put(bytes.slice((int) byteOffset, into.remaining()));
    }
  }
}

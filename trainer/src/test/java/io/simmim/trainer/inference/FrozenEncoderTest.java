package io.simmim.trainer.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.Normalization;
import io.simmim.schemas.TensorChunk;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.export.ModelPaths;
import io.simmim.trainer.export.SavedModel;
import io.simmim.trainer.inference.FeatureSet.Pooling;
import io.simmim.trainer.loop.SmallModels;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.Features;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.TargetType;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.weights.NamedTensors;
import io.simmim.trainer.weights.WeightFile;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
@Timeout(120)
class FrozenEncoderTest {
  private static final int IMAGES = 3;
  private static final Normalization HALF =
      new Normalization(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));

  @TempDir private Path folder;
  private final ModelConfig model = SmallModels.all().get("vit");

  @Test
  void meansTheFeaturesOfATrainedModel() throws IOException {
    float[] expected = SavedModel.write(model, folder, IMAGES);

    try (FrozenEncoder encoder = load(model)) {
      float[] means = encoder.features(SavedModel.unmasked(model, IMAGES)).mean();

      assertThat(means).hasSize(IMAGES * 16);
      for (int i = 0; i < means.length; i++) {
        // Sums of 64 values in fp32, against those in float64.
        assertThat(means[i]).isCloseTo(expected[i], within(64 * 1e-6f));
      }
    }
  }

  @Test
  void givesTheSameBytesHoweverManyThreadsAsk() throws Exception {
    SavedModel.write(model, folder, IMAGES);
    MicroBatch batch = SavedModel.unmasked(model, IMAGES);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (FrozenEncoder encoder = load(model)) {
      float[] alone = encoder.features(batch).mean();
      List<Future<float[]>> together = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        together.add(threads.submit(() -> encoder.features(batch).mean()));
      }
      for (Future<float[]> result : together) {
        assertThat(result.get()).isEqualTo(alone);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  static Stream<String> kinds() {
    return SmallModels.all().keySet().stream();
  }

  /** Targets too: those that are colours are taken out of normalised pixels again. */
  @ParameterizedTest
  @MethodSource("kinds")
  void isShownImagesAsItsModelSays(String kind) throws IOException {
    ModelConfig config = SmallModels.all().get(kind).withNormalization(HALF);
    SavedModel.write(config, folder, IMAGES);
    int size = config.imageSize();
    int side = config.maskSide();
    byte[] levels = new byte[IMAGES * 3 * size * size];
    new Random(4).nextBytes(levels);
    byte[] masks = new byte[IMAGES * side * side];
    for (int i = 0; i < masks.length; i++) {
      masks[i] = (byte) (i % 2);
    }
    float[] normalised = new float[levels.length];
    for (int i = 0; i < levels.length; i++) {
      normalised[i] = ((levels[i] & 255) / 255f - 0.5f) / 0.5f;
    }
    MicroBatch bytes =
        MicroBatch.of(
            List.of(
                new TensorChunk(0, 0, size, side, new long[] {0, 1, 2}, levels, masks, List.of())));
    MicroBatch floats = MicroBatch.normalised(size, side, normalised, masks);

    try (FrozenEncoder encoder = load(config)) {
      assertThat(encoder.features(bytes).tokens()).isEqualTo(encoder.features(floats).tokens());
      float[] predicted = encoder.reconstruct(bytes);
      assertThat(predicted).isEqualTo(encoder.reconstruct(floats));
      // A mean of pixels may be equally far from two colours.
      double tolerance = config.target().type() == TargetType.CLUSTERS ? 2e-3 : 1e-6;
      assertThat(encoder.loss(bytes)).isCloseTo(encoder.loss(floats), within(tolerance));
      if (config.target().type() == TargetType.BINS) {
        for (float value : predicted) {
          double bin = (value * 0.5 + 0.5) * config.target().bins() - 0.5;
          assertThat(bin).isCloseTo(Math.rint(bin), within(1e-5));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"vit", "swin", "swinv2 with main norms", "resnet", "mae"})
  void endsItsLayersWithItsFeatures(String kind) throws IOException {
    ModelConfig config = SmallModels.all().get(kind);
    SavedModel.write(config, folder, IMAGES);
    MicroBatch batch = SavedModel.unmasked(config, IMAGES);
    try (FrozenEncoder encoder = load(config)) {
      List<FeatureSet> sets = encoder.featureSets();
      float[] layers = encoder.layers(batch);
      Features features = encoder.features(batch);

      int perLayer = features.hasClassToken() ? 2 : 1;
      assertThat(sets).hasSize(config.encoder().blocks() * perLayer);
      assertThat(sets.get(sets.size() - 1).layer()).isEqualTo(config.encoder().blocks());
      int row = sets.stream().mapToInt(FeatureSet::width).sum();
      assertThat(layers).hasSize(IMAGES * row).doesNotContain(Float.NaN);
      int width = features.width();
      for (int image = 0; image < IMAGES; image++) {
        int end = (image + 1) * row;
        if (features.hasClassToken()) {
          assertThat(Arrays.copyOfRange(layers, end - width, end))
              .isEqualTo(
                  Arrays.copyOfRange(features.classTokens(), image * width, (image + 1) * width));
          end -= width;
        }
        for (int i = 0; i < width; i++) {
          assertThat(layers[end - width + i])
              .isCloseTo(features.mean()[image * width + i], within(1e-6f));
        }
      }
    }
  }

  @Test
  void hasTheFeaturesOfAShorterNetworkInItsLayers() throws IOException {
    ModelConfig config = SmallModels.all().get("resnet"); // has no norm behind its last block
    SavedModel.write(config, folder, IMAGES);
    ModelConfig shorter = ModelConfig.simmim(64, 4, resNet(List.of(1, 2)));
    float[] layers;
    try (FrozenEncoder encoder = load(config)) {
      layers = encoder.layers(SavedModel.unmasked(config, IMAGES));
      assertThat(encoder.featureSets())
          .containsExactly(
              new FeatureSet(1, Pooling.MEAN, 16),
              new FeatureSet(2, Pooling.MEAN, 32),
              new FeatureSet(3, Pooling.MEAN, 32),
              new FeatureSet(4, Pooling.MEAN, 64));
    }
    float[] expected;
    try (NamedTensors weights = new FirstBlocks(WeightFile.open(file()), shorter);
        FrozenEncoder encoder =
            FrozenEncoder.load(
                new InferenceConfig(shorter, ClusterColors.NONE, Precision.FP32, 1, "cpu"),
                weights)) {
      expected = encoder.features(SavedModel.unmasked(shorter, IMAGES)).mean();
    }
    for (int image = 0; image < IMAGES; image++) {
      for (int i = 0; i < 32; i++) {
        assertThat(layers[image * 144 + 48 + i]).isCloseTo(expected[image * 32 + i], within(1e-6f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"vit", "swin, masks finer than cells", "mae", "bins"})
  void measuresTheLossThatTrainingHas(String kind) throws IOException {
    ModelConfig config = SmallModels.withoutDropPath(SmallModels.all().get(kind));
    SavedModel.write(config, folder, IMAGES);
    MicroBatch batch = SmallModels.batch(config, IMAGES, 5);
    double trained;
    try (TrainingModel training =
        TrainingModel.create(SmallModels.trainer(config, Precision.FP32))) {
      training.accumulate(batch, 0, 1);
      trained = training.losses()[0];
    }
    try (FrozenEncoder encoder = load(config)) {
      assertThat(encoder.loss(batch)).isCloseTo(trained, within(1e-6 * Math.abs(trained)));
    }
  }

  @Test
  void refusesTheWeightsOfAnotherModel() throws IOException {
    SavedModel.write(SmallModels.all().get("swin"), folder, IMAGES);

    assertThatThrownBy(() -> load(model)).hasMessageContaining("encoder.");
  }

  private static EncoderConfig resNet(List<Integer> depths) {
    EncoderConfig all = SmallModels.all().get("resnet").encoder();
    return new EncoderConfig(
        all.type(),
        all.patchSize(),
        all.embedDim(),
        depths,
        all.numHeads(),
        all.windowSize(),
        all.mainNormInterval(),
        all.mlpRatio(),
        all.qkvBias(),
        all.absolutePosition(),
        all.relativePositionBias(),
        all.layerScaleInit(),
        all.dropPathRate());
  }

  /** The weights that a shorter network has too; its head is zeros. */
  private record FirstBlocks(NamedTensors all, ModelConfig shorter) implements NamedTensors {
    @Override
    public Map<String, List<Long>> shapes() {
      return new MaskedImageModel(shorter, ClusterColors.NONE)
          .parameters().stream()
              .collect(Collectors.toMap(ParameterSpec::name, spec -> spec.tensor().shape()));
    }

    @Override
    public void read(String name, long start, FloatBuffer into) throws IOException {
      if (name.startsWith("encoder.")) {
        all.read(name, start, into);
      } else {
        into.position(into.limit());
      }
    }

    @Override
    public void close() throws IOException {
      all.close();
    }
  }

  private Path file() {
    return folder.resolve(ModelPaths.WEIGHTS);
  }

  private FrozenEncoder load(ModelConfig config) throws IOException {
    ClusterColors colors = SmallModels.trainer(config, Precision.FP32).colors();
    try (NamedTensors file = WeightFile.open(file())) {
      return FrozenEncoder.load(
          new InferenceConfig(config, colors, Precision.FP32, 1, "cpu"), file);
    }
  }
}

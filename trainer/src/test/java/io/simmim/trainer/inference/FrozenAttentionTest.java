package io.simmim.trainer.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.export.ModelPaths;
import io.simmim.trainer.export.SavedModel;
import io.simmim.trainer.interop.ForeignModel;
import io.simmim.trainer.interop.ForeignTensors;
import io.simmim.trainer.interop.layout.ForeignText;
import io.simmim.trainer.interop.names.TensorSource;
import io.simmim.trainer.loop.SmallModels;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.parameter.ParameterSpec;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.weights.NamedTensors;
import io.simmim.trainer.weights.WeightFile;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What heads attend to against recordings: small random models that transformers 5.18 wrote, and
 * statistics of the attention that it computes of them in float64, by loops over images, windows
 * and queries.
 */
@Timeout(120)
class FrozenAttentionTest {
  private static final Path RECORDINGS = Path.of("src/test/resources/attention");

  @TempDir private Path folder;

  /** Relative; what is found here differs by little more than 1e-6. */
  private static final double TOLERANCE = 2e-5;

  /**
   * A BEiT with a position bias of its own in each block; a Swin whose windows its sides are no
   * multiples of, shifted and not; a Swin V2 with shifted windows and one as large as the image.
   */
  @ParameterizedTest
  @CsvSource({"vit, 2", "swin, 4", "swinv2, 4"})
  void agreesWithTransformers(String name, int blocks) throws IOException {
    Path recording = RECORDINGS.resolve(name);
    String config = Files.readString(recording.resolve("config.json"));
    Map<String, float[]> expected = floats(recording.resolve("attention.safetensors"));
    Path weights = recording.resolve("model.safetensors");
    ModelConfig model = model(config, weights);
    try (NamedTensors tensors =
            ForeignTensors.of(ForeignText.of(config), WeightFile.open(weights));
        FrozenAttention attention = load(model, new Weights(model, Optional.of(tensors)))) {
      List<BlockAttention> found = attention.none();
      attention.add(images(model, expected.get("images")), found);

      assertThat(found).hasSize(blocks);
      for (int i = 0; i < blocks; i++) {
        BlockAttention block = found.get(i);
        for (int head = 0; head < block.heads(); head++) {
          assertClose(block.distance(head), expected.get(i + ".distance")[head]);
          assertClose(block.entropy(head), expected.get(i + ".entropy")[head]);
          assertThat(block.leftOut(head))
              .isCloseTo((double) expected.get(i + ".left_out")[head], within(TOLERANCE));
          double sum = 0;
          for (int other = 0; other < block.heads(); other++) {
            float divergence = expected.get(i + ".divergence")[head * block.heads() + other];
            assertClose(block.divergence(head, other), divergence);
            sum += divergence;
          }
          assertClose(block.divergence(head), sum / (block.heads() - 1));
        }
        int cells = block.side() * block.side();
        for (int map = 0; map < 2; map++) {
          float[] weightsOfMap =
              Arrays.copyOfRange(expected.get(i + ".map"), map * cells, (map + 1) * cells);
          for (int cell = 0; cell < cells; cell++) {
            assertThat(block.map(map)[cell])
                .isCloseTo((double) weightsOfMap[cell], within(TOLERANCE));
          }
        }
      }
    }
  }

  /** Weights of zero attend to everything alike. */
  @ParameterizedTest
  @ValueSource(strings = {"vit", "mae"})
  void looksEverywhereWithoutScores(String kind) throws IOException {
    ModelConfig model = SmallModels.all().get(kind);
    try (FrozenAttention attention = load(model, new Weights(model, Optional.empty()))) {
      List<BlockAttention> found = attention.none();
      attention.add(SavedModel.unmasked(model, 2), found);

      assertThat(found).hasSize(model.encoder().blocks());
      for (BlockAttention block : found) {
        int cells = block.side() * block.side();
        for (int head = 0; head < block.heads(); head++) {
          assertThat(block.entropy(head)).isCloseTo(Math.log(cells), within(1e-9));
          assertThat(block.distance(head)).isCloseTo(meanDistance(8, 8), within(1e-9));
          assertThat(block.divergence(head)).isCloseTo(0, within(1e-9));
          assertThat(block.leftOut(head)).isCloseTo(1.0 / (cells + 1), within(1e-9));
        }
        assertThat(block.map(1)[0]).isCloseTo(1.0 / cells, within(1e-9));
      }
    }
  }

  @Test
  void isTheSameImageByImage() throws IOException {
    ModelConfig model = SmallModels.all().get("vit");
    MicroBatch both = SavedModel.unmasked(model, 2);
    float[] pixels = SmallModels.pixels(2, 3);
    SavedModel.write(model, folder, 2);
    try (NamedTensors weights = WeightFile.open(folder.resolve(ModelPaths.WEIGHTS));
        FrozenAttention attention = load(model, weights)) {
      List<BlockAttention> together = attention.none();
      attention.add(both, together);
      List<BlockAttention> first = attention.none();
      attention.add(image(model, pixels, 0), first);
      List<BlockAttention> second = attention.none();
      attention.add(image(model, pixels, 1), second);
      for (int i = 0; i < first.size(); i++) {
        first.get(i).add(second.get(i));

        assertClose(first.get(i).distance(0), together.get(i).distance(0));
        assertClose(first.get(i).entropy(1), together.get(i).entropy(1));
        assertClose(first.get(i).divergence(1, 0), together.get(i).divergence(1, 0));
        assertClose(first.get(i).map(0)[5], together.get(i).map(0)[5]);
      }
    }
  }

  @Test
  void refusesAModelWithoutAttention() {
    ModelConfig model = SmallModels.all().get("resnet");

    assertThatThrownBy(() -> load(model, new Weights(model, Optional.empty())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the model must have attention: ");
  }

  private static void assertClose(double found, double expected) {
    assertThat(found).isCloseTo(expected, within(TOLERANCE * (1 + Math.abs(expected))));
  }

  private static double meanDistance(int side, int patch) {
    double sum = 0;
    int cells = side * side;
    for (int from = 0; from < cells; from++) {
      for (int to = 0; to < cells; to++) {
        sum += patch * Math.hypot(from / side - to / side, from % side - to % side);
      }
    }
    return sum / cells / cells;
  }

  private static FrozenAttention load(ModelConfig model, NamedTensors weights) throws IOException {
    return FrozenAttention.load(
        new InferenceConfig(model, ClusterColors.NONE, Precision.FP32, 1, "cpu"), weights);
  }

  private static ModelConfig model(String config, Path weights) throws IOException {
    try (NamedTensors file = WeightFile.open(weights)) {
      return ForeignModel.read(ForeignText.of(config), TensorSource.of(file)).orElseThrow().model();
    }
  }

  private static Map<String, float[]> floats(Path recording) throws IOException {
    Map<String, float[]> tensors = new HashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(recording)) {
      for (String tensor : file.tensors().keySet()) {
        tensors.put(tensor, file.readFloats(tensor));
      }
    }
    return tensors;
  }

  private static MicroBatch images(ModelConfig model, float[] pixels) {
    int images = pixels.length / (3 * model.imageSize() * model.imageSize());
    return MicroBatch.normalised(
        model.imageSize(),
        model.maskSide(),
        pixels,
        new byte[images * model.maskSide() * model.maskSide()]);
  }

  private static MicroBatch image(ModelConfig model, float[] pixels, int number) {
    int each = 3 * model.imageSize() * model.imageSize();
    return images(model, Arrays.copyOfRange(pixels, number * each, (number + 1) * each));
  }

  /** What is given of a model's weights; the others are zeros. */
  private record Weights(ModelConfig model, Optional<NamedTensors> given) implements NamedTensors {
    @Override
    public Map<String, List<Long>> shapes() {
      return new MaskedImageModel(model, ClusterColors.NONE)
          .parameters().stream()
              .collect(Collectors.toMap(ParameterSpec::name, spec -> spec.tensor().shape()));
    }

    @Override
    public void read(String name, long start, FloatBuffer into) throws IOException {
      if (given.isPresent() && given.get().shapes().containsKey(name)) {
        given.get().read(name, start, into);
      } else {
        into.position(into.limit());
      }
    }

    @Override
    public void close() {
      // The given ones belong to their owner.
    }
  }
}

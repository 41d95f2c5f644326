package io.simmim.trainer.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.trainer.export.ModelPaths;
import io.simmim.trainer.export.SavedModel;
import io.simmim.trainer.loop.MicroBatch;
import io.simmim.trainer.loop.SmallModels;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.weights.NamedTensors;
import io.simmim.trainer.weights.WeightFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class FrozenEncoderTest {
  private static final int IMAGES = 3;

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

  @Test
  void refusesTheWeightsOfAnotherModel() throws IOException {
    SavedModel.write(SmallModels.all().get("swin"), folder, IMAGES);

    assertThatThrownBy(() -> load(model)).hasMessageContaining("encoder.");
  }

  private FrozenEncoder load(ModelConfig config) throws IOException {
    try (NamedTensors file = WeightFile.open(folder.resolve(ModelPaths.WEIGHTS))) {
      return FrozenEncoder.load(
          new InferenceConfig(config, ClusterColors.NONE, Precision.FP32, 1, "cpu"), file);
    }
  }
}

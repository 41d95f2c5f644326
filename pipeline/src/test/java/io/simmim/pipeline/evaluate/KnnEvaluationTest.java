package io.simmim.pipeline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.images.ColoredSquares;
import io.simmim.pipeline.labelled.LabelledImages;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.trainer.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnnEvaluationTest {
  private static final ModelConfig MODEL =
      new ConfigLoader().preset("vit-tiny").load().config().model();

  @TempDir private Path folder;
  private final List<String> said = Collections.synchronizedList(new ArrayList<>());

  @Test
  void givesAnImageTheClassOfItsNeighboursOnAnyNumberOfThreads() throws Exception {
    draw("train", 30, 1);
    draw("test", 12, 2);
    Files.move(folder.resolve("test/red/3.png"), folder.resolve("test/blue/wrong.png"));

    Map<Integer, Accuracy> alone = run(1);

    // The red one in the folder of the blue has red neighbours only.
    assertThat(alone)
        .containsOnlyKeys(10, 20)
        .containsEntry(10, new Accuracy(35, 35, 36))
        .containsEntry(20, new Accuracy(35, 35, 36));
    assertThat(run(4)).isEqualTo(alone);
    assertThat(alone.get(20).line()).isEqualTo("top-1 97.22 %, top-5 97.22 %, images 36");
  }

  @Test
  void leavesOutWhatCannotBeUsedAndSaysSo() throws Exception {
    draw("train", 10, 1);
    draw("test", 2, 2);
    Files.writeString(folder.resolve("test/red/0.png"), "no image");
    Files.copy(folder.resolve("test/red/1.png"), folder.resolve("test/none.png"));

    assertThat(run(2).get(10)).isEqualTo(new Accuracy(5, 5, 5));
    assertThat(said)
        .containsExactly(
            "--validation: left out images without a class: 1, the first is file:%s/test/none.png: it has no .cls beside it in a shard, and lies in no folder below the input"
                .formatted(folder),
            "--validation: left out images that cannot be used: 1, the first is file:%s/test/red/0.png: neither JPEG nor PNG: the file begins with 6e 6f 20 69"
                .formatted(folder));
  }

  @Test
  void refusesOtherClassesThanThoseThatVote() throws IOException {
    draw("train", 10, 1);
    draw("test", 1, 2);
    Files.move(folder.resolve("test/red"), folder.resolve("test/rot"));

    assertThatThrownBy(() -> run(1))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "--input and --validation must have the same classes: unknown class: rot (allowed:"
                + " blue, green, red)");
  }

  @Test
  void refusesFewerImagesThanNeighbours() throws IOException {
    draw("train", 6, 1);
    draw("test", 1, 2);

    assertThatThrownBy(() -> run(1))
        .isInstanceOf(UserError.class)
        .hasMessage("--input must have at least 20 images with a class for as many neighbours: 18");
  }

  @Test
  void refusesFewerImagesThatCanBeUsedThanNeighbours() throws IOException {
    draw("train", 7, 1);
    draw("test", 1, 2);
    Files.writeString(folder.resolve("train/red/0.png"), "no image");
    Files.writeString(folder.resolve("train/red/1.png"), "no image");

    assertThatThrownBy(() -> run(1))
        .isInstanceOf(UserError.class)
        .hasMessage("--input must have at least 20 images with a class for as many neighbours: 19");
  }

  /** Nothing is nearer than what is no number, so it would vote for every image. */
  @Test
  void refusesFeaturesThatAreNoNumbers() throws IOException {
    draw("train", 10, 1);
    draw("test", 1, 2);
    FeatureExtractor diverged =
        images -> {
          float[] means = meanColors(images);
          if (images.size() > 3) { // of the training set
            means[3 * 2 + 1] = Float.NaN;
          }
          return means;
        };

    assertThatThrownBy(() -> run(1, diverged))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the features of file:%s/train/blue/2.png must be finite numbers, but the model makes NaN of it: its weights are damaged, or its training has diverged"
                .formatted(folder));
  }

  @Test
  void refusesMoreImagesToClassifyThanTheHeapHolds() throws IOException {
    draw("test", 10, 2);
    LabelledImages validation = images("--validation", "test");

    KnnEvaluation.requireHeap(validation, 262_144, 64 << 20);
    assertThatThrownBy(() -> KnnEvaluation.requireHeap(validation, 300_000, 64 << 20))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the features of 30 images of --validation and their neighbours need 34 MiB, more than half of the 64 MiB that Java's heap may take");
  }

  @Test
  void endsWithTheFailureOfTheExtractor() throws IOException {
    draw("train", 10, 1);
    draw("test", 40, 2);

    assertThatThrownBy(
            () ->
                run(
                    3,
                    images -> {
                      throw new IllegalStateException("no memory");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no memory");
  }

  private Map<Integer, Accuracy> run(int threads) throws IOException, InterruptedException {
    return run(threads, KnnEvaluationTest::meanColors);
  }

  private Map<Integer, Accuracy> run(int threads, FeatureExtractor extractor)
      throws IOException, InterruptedException {
    said.clear();
    FeaturePass pass =
        new FeaturePass(
            MODEL,
            ImageConfig.ofSize(MODEL.imageSize()),
            FetchConfig.defaults(),
            extractor,
            threads,
            said::add);
    LabelledImages training = images("--input", "train");
    return KnnEvaluation.run(pass, training, images("--validation", "test").numberedAs(training));
  }

  private LabelledImages images(String option, String name) {
    return LabelledImages.list(
        option, List.of(folder.resolve(name).toString()), FetchConfig.defaults(), said::add);
  }

  /** (m, 3) */
  private static float[] meanColors(TensorChunk images) {
    int pixels = images.imageSize() * images.imageSize();
    float[] means = new float[3 * images.size()];
    for (int i = 0; i < images.pixels().length; i++) {
      means[i / pixels] += (images.pixels()[i] & 255) / (float) pixels;
    }
    return means;
  }

  private void draw(String name, int ofEachColor, long seed) throws IOException {
    ColoredSquares.draw(folder.resolve(name), ofEachColor, seed);
  }
}

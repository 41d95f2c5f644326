package io.simmim.pipeline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.trainer.model.ModelConfig;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnnEvaluationTest {
  private static final ModelConfig MODEL =
      new ConfigLoader().preset("vit-tiny").load().config().model();
  private static final Map<String, Integer> COLORS =
      Map.of("blue", 0x0000FF, "green", 0x00FF00, "red", 0xFF0000);

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
    return KnnEvaluation.run(pass, images("--input", "train"), images("--validation", "test"));
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

  /** Squares of noise that have a colour each. */
  private void draw(String name, int ofEachColor, long seed) throws IOException {
    Random random = new Random(seed);
    for (Map.Entry<String, Integer> color : new TreeMap<>(COLORS).entrySet()) {
      Path target = Files.createDirectories(folder.resolve(name).resolve(color.getKey()));
      for (int i = 0; i < ofEachColor; i++) {
        BufferedImage image = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
        for (int at = 0; at < 1600; at++) {
          image.setRGB(at % 40, at / 40, color.getValue() | (random.nextInt(1 << 24) & 0x7F7F7F));
        }
        ImageIO.write(image, "png", target.resolve(i + ".png").toFile());
      }
    }
  }
}

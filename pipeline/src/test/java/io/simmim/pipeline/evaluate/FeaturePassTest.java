package io.simmim.pipeline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.images.ColoredSquares;
import io.simmim.pipeline.labelled.LabelledImages;
import io.simmim.trainer.model.ModelConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeaturePassTest {
  @TempDir private Path folder;

  /** Images that are shown at once, by the numbers of their chunks. */
  private ConcurrentSkipListMap<Long, Integer> shown(int size) throws Exception {
    ModelConfig model =
        new ConfigLoader()
            .preset("vit-tiny")
            .set(List.of("image.size=" + size))
            .load()
            .config()
            .model();
    FeaturePass pass =
        new FeaturePass(
            model,
            ImageConfig.ofSize(size),
            FetchConfig.defaults(),
            images -> new float[images.size()],
            2,
            line -> {});
    LabelledImages images =
        LabelledImages.list(
            "--input", List.of(folder.toString()), FetchConfig.defaults(), line -> {});
    ConcurrentSkipListMap<Long, Integer> shown = new ConcurrentSkipListMap<>();
    assertThat(pass.run(images, chunk -> shown.put(chunk.chunk(), chunk.labels().length)))
        .isEqualTo(36);
    return shown;
  }

  @Test
  void showsFewerLargeImagesAtOnce() throws Exception {
    ColoredSquares.draw(folder, 12, 1);

    assertThat(shown(96).values()).containsExactly(32, 4);
    assertThat(shown(1024).values()).containsExactly(10, 10, 10, 6);
  }

  /** A chunk is an array of bytes, and its images are four times as many in the model. */
  @Test
  void showsOneOfTheLargest() {
    assertThat(List.of(32, 224, 591).stream().map(FeaturePass::chunkImages)).containsOnly(32);
    assertThat(FeaturePass.chunkImages(4096)).isEqualTo(1);
  }
}

package io.simmim.pipeline.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.images.Photographs;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real images, a real model. */
class EstimatorTest {
  @TempDir private Path images;
  private final List<String> said = new ArrayList<>();

  @Test
  void measuresEachConfigurationOnTheImages() throws Exception {
    Photographs.draw(images, 40);

    estimate("vit-tiny", "training.accumulation=2", "encoder.depth=1");

    assertThat(said.get(0)).startsWith("40 images; measured with 40 of them, of ");
    assertThat(said)
        .anyMatch(line -> line.matches("steps +200 of 16 images"))
        .anyMatch(line -> line.matches("a core decodes +[1-9][\\d.]* img/s"))
        .anyMatch(line -> line.matches("the trainer alone +[1-9][\\d.]* img/s on cpu"))
        .anyMatch(line -> line.matches("both in one process +[1-9][\\d.]* img/s"))
        .anyMatch(line -> line.matches("requests, an epoch +32"));
  }

  @Test
  void imagesThatCannotBeDecodedAreRefused() throws IOException {
    for (int i = 0; i < 40; i++) {
      Files.writeString(images.resolve(i + ".jpg"), "no image");
    }

    assertThatThrownBy(() -> estimate("vit-tiny"))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("none of 40 images looked at can be decoded; the first: ");
  }

  @Test
  void tooFewImagesAreRefusedBeforeAnythingIsMeasured() throws IOException {
    Photographs.draw(images, 5);

    assertThatThrownBy(() -> estimate("vit-tiny"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("fewer images than one batch of 8");
    assertThat(said).isEmpty();
  }

  private void estimate(String preset, String... assignments) throws InterruptedException {
    SimmimConfig config =
        new ConfigLoader()
            .preset(preset)
            .set(List.of("training.micro-batch=8"))
            .set(List.of(assignments))
            .input(List.of(images.toString()))
            .load()
            .config();
    new Estimator(List.of(new Estimator.Candidate(preset, config)), 1, said::add).run();
  }
}

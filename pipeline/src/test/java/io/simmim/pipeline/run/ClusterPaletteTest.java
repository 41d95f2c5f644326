package io.simmim.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.pipeline.images.Photographs;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterPaletteTest {
  @TempDir private Path folder;
  private Path images;
  private Path output;
  private final List<String> said = new ArrayList<>();

  @BeforeEach
  void drawImages() throws IOException {
    images = folder.resolve("images");
    output = folder.resolve("output");
    Photographs.draw(images, 12);
  }

  private SimmimConfig config(String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "target.type=clusters",
                "target.clusters=5",
                "loss.type=cross-entropy",
                "training.micro-batch=4",
                "data.input=[" + images + "]",
                "output=" + output));
    settings.addAll(Arrays.asList(more));
    return new ConfigLoader().preset("vit-tiny").set(settings).load().config();
  }

  private PreparedRun prepare(SimmimConfig config) {
    return Leases.prepare(config, Resume.parse("latest"), Optional.empty(), said::add);
  }

  @Test
  void findsColoursOnceAndKeepsThem() throws IOException {
    PreparedRun first = prepare(config());
    Photographs.draw(images.resolve("later"), 5);
    PreparedRun second = prepare(config());

    assertThat(first.colors().count()).isEqualTo(5);
    assertThat(output.resolve("cluster-colors.txt")).content().hasLineCount(5);
    assertThat(second.colors()).isEqualTo(first.colors());
    assertThat(second.identity()).isEqualTo(first.identity());
    assertThat(said).containsExactly("finding 5 colours in 1,536 pixels of 12 images");
  }

  @Test
  void triesAgainToReadAnImageAndLeavesOutOneThatIsDenied() {
    BrittleFileSystem.failFirstOpens("002.jpg");
    try {
      prepare(config("data.input=[hdfs:" + images + "]", "fetch.backoff=1ms"));
    } finally {
      BrittleFileSystem.heal();
    }

    assertThat(output.resolve("cluster-colors.txt")).content().hasLineCount(5);
    assertThat(said).contains("finding 5 colours in 1,408 pixels of 12 images");
  }

  @Test
  void takesColoursFromAFileAndKnowsThemByWhatTheyAre() throws IOException {
    Path file =
        Files.writeString(folder.resolve("a.txt"), "0 0 0\n255 0 0\n0 255 0\n0 0 255\n1.5 2 3\n");
    Path moved = Files.copy(file, folder.resolve("b.txt"));

    PreparedRun first = prepare(config("target.cluster-file=" + file));
    PreparedRun second = prepare(config("target.cluster-file=" + moved));

    assertThat(first.colors().values()).endsWith(0, 0, 255, 1.5f, 2, 3);
    assertThat(second.identity()).isEqualTo(first.identity());
    assertThat(said).isEmpty();
    Files.writeString(moved, "0 0 0\n255 0 0\n0 255 0\n0 0 255\n1.5 2 4\n");
    assertThatThrownBy(() -> prepare(config("target.cluster-file=" + moved)))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("target.cluster-colors: sha256:");
  }

  @Test
  void leavesOutImagesThatTrainingWouldReject() {
    assertThatThrownBy(() -> prepare(config("fetch.max-object-bytes=10")))
        .isInstanceOf(UserError.class)
        .hasMessage("target.clusters must be at most 0, the pixels sampled from these images: 5");
  }

  @Test
  void refusesToResumeWithOtherColours() throws IOException {
    prepare(config());
    Path kept = output.resolve("cluster-colors.txt");
    Files.writeString(kept, Files.readString(kept).replaceFirst("^\\S+", "7"));

    assertThatThrownBy(() -> prepare(config()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("target.cluster-colors: sha256:");
  }

  @Test
  void refusesFilesThatAreNoColours() throws IOException {
    assertRefused("1 2 3\n", "must have a line for each of 5 colours: 1");
    assertRefused(
        "1 2 3\n1 2\n1 2 3\n1 2 3\n1 2 3\n", "must be red, green and blue between 0 and 255: 1 2");
    assertRefused(
        "1 2 3\n\n1 2 3\n1 2 3\n1 2 3\n1 b 3\n",
        "must be red, green and blue between 0 and 255: 1 b 3");
    assertRefused(
        "1 2 3\n1 2 256\n1 2 3\n1 2 3\n1 2 3\n",
        "must be red, green and blue between 0 and 255: 1 2 256");
    assertRefused("x".repeat(10_000), "must have 5 short lines: it has more than 384 bytes");
  }

  private void assertRefused(String content, String message) throws IOException {
    Path file = Files.writeString(folder.resolve("colours.txt"), content);
    SimmimConfig config = config("target.cluster-file=" + file);

    assertThatThrownBy(() -> prepare(config))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("target.cluster-file " + file)
        .hasMessageEndingWith(message);
  }

  @Test
  void refusesAFileThatIsNotThere() {
    SimmimConfig config = config("target.cluster-file=" + folder.resolve("none.txt"));

    assertThatThrownBy(() -> prepare(config))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("target.cluster-file cannot be read: " + folder);
  }

  @Test
  void refusesMoreColoursThanSampledPixels() {
    assertThatThrownBy(() -> prepare(config("target.clusters=2000")))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "target.clusters must be at most 1536, the pixels sampled from these images: 2000");
  }
}

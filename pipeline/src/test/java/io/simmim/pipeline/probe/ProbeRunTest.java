package io.simmim.pipeline.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.evaluate.EvaluationRequest;
import io.simmim.pipeline.images.ColoredSquares;
import io.simmim.schemas.UserError;
import io.simmim.trainer.export.ModelWriter;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ProbeRunTest {
  private static final SimmimConfig CONFIG =
      new ConfigLoader()
          .preset("vit-tiny")
          .set(
              List.of(
                  "image.size=32",
                  "mask.patch-size=8",
                  "encoder.patch-size=8",
                  "encoder.depth=2",
                  "encoder.embed-dim=24",
                  "training.threads=1"))
          .load()
          .config();

  @TempDir private static Path work;
  @TempDir private Path folder;
  private final List<String> said = Collections.synchronizedList(new ArrayList<>());

  @BeforeAll
  static void writeModel() throws IOException {
    TrainerConfig trainer = CONFIG.trainer(ClusterColors.NONE);
    try (TrainingModel model = TrainingModel.create(trainer);
        StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      new ModelWriter(trainer)
          .write(new org.apache.flink.core.fs.Path(work.resolve("model").toUri()), snapshot);
    }
  }

  @Test
  void learnsClassesFromFeaturesOfAllLayersOnAnyNumberOfThreads() throws Exception {
    ColoredSquares.draw(folder.resolve("train"), 30, 1);
    ColoredSquares.draw(folder.resolve("test"), 12, 2);
    Files.move(folder.resolve("test/red/3.png"), folder.resolve("test/blue/wrong.png"));
    Files.writeString(folder.resolve("train/red/7.png"), "no image");

    String alone = run(1);

    assertThat(said)
        .contains("90 images of 3 classes teach classifiers of 36; model " + work.resolve("model"))
        .endsWith("top-1 97.22 %, top-5 100.00 %, images 36");
    int table = said.indexOf("top-1 % by learning rate       0.03        1");
    assertThat(said.subList(table, said.size()))
        .hasSize(7)
        .element(5)
        .asString()
        .startsWith("best: layer ");
    JsonNode json = new ObjectMapper().readTree(alone);
    assertThat(json.get("classifiers")).hasSize(2 * 2 * 2);
    assertThat(json.get("best").get("top-1").asInt()).isEqualTo(35);
    assertThat(json.get("classifiers")).contains(json.get("best"));
    assertThat(run(3)).isEqualTo(alone);
  }

  @Test
  void refusesOneImage() throws IOException {
    ColoredSquares.draw(folder.resolve("test"), 1, 2);
    Files.createDirectories(folder.resolve("train/red"));
    Files.copy(folder.resolve("test/red/0.png"), folder.resolve("train/red/0.png"));
    Files.delete(folder.resolve("test/green/0.png"));
    Files.delete(folder.resolve("test/blue/0.png"));

    assertThatThrownBy(() -> run(1))
        .isInstanceOf(UserError.class)
        .hasMessage("--input must have at least 2 images with a class: 1");
  }

  /** The variance of one image is no number, and so would be all that a classifier says. */
  @Test
  void refusesOneImageThatCanBeUsed() throws IOException {
    ColoredSquares.draw(folder.resolve("train"), 1, 1);
    ColoredSquares.draw(folder.resolve("test"), 1, 2);
    Files.writeString(folder.resolve("train/red/0.png"), "no image");
    Files.writeString(folder.resolve("train/blue/0.png"), "no image");

    assertThatThrownBy(() -> run(1))
        .isInstanceOf(UserError.class)
        .hasMessage("--input must have at least 2 images with a class: 1");
  }

  /** As a task of a run does that is cancelled while it measures. */
  @Test
  void endsWhenItIsInterrupted() throws Exception {
    ColoredSquares.draw(folder.resolve("train"), 30, 1);
    ColoredSquares.draw(folder.resolve("test"), 12, 2);
    AtomicReference<Throwable> end = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                run(1, 100_000);
              } catch (Throwable e) {
                end.set(e);
              }
            });
    thread.start();
    Awaitility.await("training")
        .atMost(Duration.ofMinutes(1))
        .until(() -> said.stream().anyMatch(line -> line.startsWith("probe: step ")));

    thread.interrupt();
    thread.join();

    assertThat(end.get()).isInstanceOf(InterruptedException.class);
  }

  private String run(int threads) throws IOException, InterruptedException {
    return run(threads, 20);
  }

  private String run(int threads, int epochs) throws IOException, InterruptedException {
    said.clear();
    EvaluationRequest request =
        new EvaluationRequest(
            work.resolve("model").toString(),
            List.of(folder.resolve("train").toString()),
            List.of(folder.resolve("test").toString()),
            Optional.of(folder.resolve("output").toString()),
            threads,
            "cpu");
    ProbeConfig probe = new ProbeConfig(epochs, OptionalInt.empty(), List.of(0.03, 1.0), 0, folder);
    new ProbeRun(request, probe).run(CONFIG, said::add);
    return Files.readString(folder.resolve("output").resolve(ProbeRun.RESULT));
  }
}

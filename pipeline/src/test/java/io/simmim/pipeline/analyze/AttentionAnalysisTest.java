package io.simmim.pipeline.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.pipeline.images.Photographs;
import io.simmim.schemas.UserError;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.trainer.classification.ClassifierTraining;
import io.simmim.trainer.classification.FinetuningConfig;
import io.simmim.trainer.classification.ImageLabels;
import io.simmim.trainer.export.ModelWriter;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.weights.FittedWeights;
import io.simmim.trainer.weights.SafetensorsTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class AttentionAnalysisTest {
  private static final List<String> FILES =
      List.of("attention.csv", "distance.svg", "entropy.svg", "divergence.svg", "maps.svg");
  private static final SimmimConfig CONFIG = config("encoder.depth=2", "encoder.embed-dim=24");

  @TempDir private static Path work;

  private static SimmimConfig config(String... keys) {
    List<String> all = new ArrayList<>(List.of("training.threads=1"));
    all.addAll(List.of(keys));
    return new ConfigLoader().preset("vit-tiny").set(all).load().config();
  }

  @BeforeAll
  static void exportModelsAndDrawImages() throws IOException {
    export(CONFIG, "model");
    export(
        config(
            "encoder.type=resnet",
            "encoder.patch-size=4",
            "encoder.embed-dim=4",
            "encoder.depth=[1, 1]",
            "encoder.num-heads=[]",
            "encoder.absolute-position=false",
            "encoder.relative-position-bias=none"),
        "resnet");
    Photographs.draw(work.resolve("images"), 7);
    Files.writeString(work.resolve("images/0-first.jpg"), "no JPEG");
  }

  private static void export(SimmimConfig config, String folder) throws IOException {
    TrainerConfig trainer = config.trainer(ClusterColors.NONE);
    try (TrainingModel model = TrainingModel.create(trainer);
        StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      new ModelWriter(trainer)
          .write(new org.apache.flink.core.fs.Path(work.resolve(folder).toUri()), snapshot);
    }
  }

  @Test
  void writesTheSameTableAndPicturesWithAnyNumberOfThreads() throws Exception {
    List<String> said = new ArrayList<>();

    analysis("model", "images", "one", 256, 1).run(CONFIG, said::add);
    analysis("model", "images", "three", 256, 3).run(CONFIG, line -> {});

    for (String file : FILES) {
      assertThat(work.resolve("three").resolve(file))
          .hasSameBinaryContentAs(work.resolve("one").resolve(file));
    }
    List<String> rows = Files.readAllLines(work.resolve("one/attention.csv"));
    assertThat(rows.get(0))
        .isEqualTo("layer,head,distance_pixels,entropy_nats,divergence_nats,left_out");
    assertThat(rows).hasSize(1 + 2 * 3);
    assertThat(rows.get(6)).matches("2,3,\\d+\\.\\d{4},\\d\\.\\d{6},\\d\\.\\d{6},0\\.\\d{6}");
    assertThat(said.get(0)).isEqualTo("8 of 8 images, model " + work.resolve("model"));
    assertThat(said.get(1))
        .startsWith("--input: left out images that cannot be used: 1, the first is ")
        .contains("0-first.jpg: ");
    assertThat(said.get(2)).startsWith("layer  distance  entropy  divergence");
    assertThat(said.get(5))
        .isEqualTo("%s in %s".formatted(String.join(", ", FILES), work.resolve("one")));
    assertThat(said.get(6))
        .matches("layers 2, images 7, mean distance first \\d+\\.\\d, last \\d+\\.\\d pixels");
    assertThat(said).hasSize(7);
  }

  @Test
  void triesAgainToReadAnImageAndLeavesOutOneThatIsDenied() throws Exception {
    List<String> said = new ArrayList<>();
    BrittleFileSystem.failFirstOpens("002.jpg");
    try {
      new AttentionAnalysis(
              work.resolve("model").toString(),
              List.of("hdfs:" + work.resolve("images")),
              work.resolve("brittle").toString(),
              256,
              2,
              "cpu")
          .run(config("fetch.backoff=1ms"), said::add);
    } finally {
      BrittleFileSystem.heal();
    }

    assertThat(said.get(1)).startsWith("--input: left out images that cannot be used: 2, ");
    assertThat(said.get(said.size() - 1)).contains(", images 6, ");
  }

  /** Of 36 patches in 6 rows, 16 pixels each, a model that begins attends to all about alike. */
  @Test
  void tellsWhatAModelThatBeginsAttendsTo() throws Exception {
    analysis("model", "images", "begins", 3, 2).run(CONFIG, line -> {});

    List<String> rows = Files.readAllLines(work.resolve("begins/attention.csv"));
    for (String row : rows.subList(1, rows.size())) {
      String[] cells = row.split(",", -1);
      assertThat(Double.parseDouble(cells[2])).isBetween(48.0, 52.0);
      assertThat(Double.parseDouble(cells[3])).isBetween(3.5, Math.log(36));
      assertThat(Double.parseDouble(cells[4])).isBetween(0.0, 0.1);
      assertThat(Double.parseDouble(cells[5])).isBetween(0.02, 0.04);
    }
    assertThat(work.resolve("begins/maps.svg"))
        .content()
        .contains("layer 2")
        .contains("data:image/png");
  }

  /** Fine-tuned by no step, it attends to what the model attends to that it was made of. */
  @Test
  void looksAtClassifiersToo() throws Exception {
    exportClassifier("model", "classifier");

    analysis("model", "images", "before", 3, 1).run(CONFIG, line -> {});
    analysis("classifier", "images", "after", 3, 1).run(CONFIG, line -> {});

    assertThat(work.resolve("after/attention.csv"))
        .hasSameTextualContentAs(work.resolve("before/attention.csv"));
  }

  private static void exportClassifier(String from, String to) throws IOException {
    List<String> keys =
        List.of(
            "image.size=96",
            "encoder.depth=2",
            "encoder.embed-dim=24",
            "encoder.num-heads=3",
            "encoder.layer-scale-init=0",
            "encoder.absolute-position=true",
            "encoder.relative-position-bias=per-block",
            "training.threads=1");
    SimmimConfig config =
        new ConfigLoader()
            .finetuning()
            .preset("finetune-tiny")
            .validation(List.of("images"))
            .set(keys)
            .load()
            .config();
    FinetuningConfig finetuning =
        new FinetuningConfig(
            config.classifier(2),
            new ImageLabels(List.of("cat", "dog"), new int[0]),
            config.settings(),
            config.finetune().layerDecay(),
            config.finetune().recipe(),
            () -> null);
    try (SafetensorsFile file =
            SafetensorsFile.open(work.resolve(from).resolve("model.safetensors"));
        FittedWeights weights = finetuning.fit(from, new SafetensorsTensors(file, ""));
        ClassifierTraining training =
            ClassifierTraining.create(
                finetuning.model(),
                finetuning.settings(),
                1,
                new InitialState.Weights(weights, weights.drawn()));
        StateSnapshot snapshot = training.snapshot(Gradients.NONE)) {
      new ModelWriter(finetuning)
          .write(new org.apache.flink.core.fs.Path(work.resolve(to).toUri()), snapshot);
    }
  }

  @Test
  void spreadsASampleEvenly() {
    assertThat(AttentionPass.sample(10, 4)).containsExactly(0, 2, 5, 7);
    assertThat(AttentionPass.sample(3, 256)).containsExactly(0, 1, 2);
  }

  @Test
  void refusesWhatHasNoAttention() {
    assertRefused(
        () -> analysis("resnet", "images", "r", 8, 1).run(CONFIG, line -> {}),
        "--model must have attention, as a vit, swin or swinv2 has: resnet (%s)"
            .formatted(work.resolve("resnet")));
    assertThat(work.resolve("r")).doesNotExist();
  }

  @Test
  void refusesInputWithoutAnImage() throws IOException {
    Files.createDirectories(work.resolve("empty"));
    Path bad = Files.createDirectories(work.resolve("bad"));
    Files.writeString(bad.resolve("a.jpg"), "no JPEG");

    assertRefused(
        () -> analysis("model", "empty", "e", 8, 1).run(CONFIG, line -> {}),
        "no image (.jpg, .jpeg, .png, or in .tar) under " + work.resolve("empty"));
    assertRefused(
        () -> analysis("model", "bad", "e", 8, 1).run(CONFIG, line -> {}),
        "--input: no image can be used: file:" + bad.resolve("a.jpg"));
    assertThat(work.resolve("e/attention.csv")).doesNotExist();
  }

  @Test
  void refusesWhatCannotBeWrittenOrCounted() throws IOException {
    Files.writeString(work.resolve("file"), "");

    assertRefused(
        () -> analysis("model", "images", "file", 8, 1).run(CONFIG, line -> {}),
        "--to must be a folder that can be written: %s (it is a file)"
            .formatted(work.resolve("file")));
    assertRefused(() -> analysis("model", "images", "n", 0, 1), "--images must be 1 to 1000000: 0");
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(UserError.class).hasMessageStartingWith(message);
  }

  private static AttentionAnalysis analysis(
      String model, String input, String target, int images, int threads) {
    return new AttentionAnalysis(
        work.resolve(model).toString(),
        List.of(work.resolve(input).toString()),
        work.resolve(target).toString(),
        images,
        threads,
        "cpu");
  }
}

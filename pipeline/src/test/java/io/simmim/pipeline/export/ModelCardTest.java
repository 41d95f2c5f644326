package io.simmim.pipeline.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.run.Leases;
import io.simmim.pipeline.run.Resume;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.trainer.export.ModelWriter;
import io.simmim.trainer.export.NotedAccuracy;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of models of a run of three epochs of two steps each, on eight images. */
@Timeout(120)
class ModelCardTest {
  @TempDir private Path folder;
  private Path run;
  private SimmimConfig config;

  @BeforeEach
  void beginRun() throws IOException {
    run = folder.resolve("run");
    Path images = Files.createDirectory(folder.resolve("images"));
    for (int i = 0; i < 8; i++) {
      Files.writeString(images.resolve(i + ".jpg"), "not read here");
    }
    config =
        new ConfigLoader()
            .preset("vit-tiny")
            .set(
                List.of(
                    "encoder.depth=1",
                    "encoder.embed-dim=24",
                    "schedule.warmup-epochs=0",
                    "training.threads=1",
                    "training.epochs=3",
                    "training.micro-batch=4"))
            .input(List.of(images.toString()))
            .output(run.toString())
            .load()
            .config();
    Leases.prepare(config, Resume.parse("latest"), Optional.empty(), line -> {});
  }

  @Test
  void tellsTheLastStepOfTheTrainedModel() throws IOException {
    takeSteps(6);

    assertThat(cardOf("model"))
        .contains("| epochs | 3 |\n| steps | 6 |\n| images seen | 24 |\n")
        .contains("| loss of the last step | 0.6 |\n");
  }

  @Test
  void tellsTheStepOfAModelBetweenEpochs() throws IOException {
    takeSteps(6);
    assertOfFirstEpoch(cardOf("model-epoch-0001"));
    assertThat(cardOf("model-epoch-0003"))
        .contains("| epochs | 3 of 3 |\n| steps | 6 |\n| images seen | 24 |\n");

    takeSteps(3); // it goes on
    assertOfFirstEpoch(cardOf("model-epoch-0001"));
  }

  private static void assertOfFirstEpoch(String card) {
    assertThat(card)
        .contains("| epochs | 1 of 3 |\n| steps | 2 |\n| images seen | 8 |\n")
        .contains("| loss of the last step | 0.2 |\n");
  }

  /** The run goes on from an older checkpoint, and has not come to these models again. */
  @Test
  void doesNotTellStepsOfAnotherModel() throws IOException {
    takeSteps(3);

    assertThat(cardOf("model"))
        .doesNotContain("| epochs |", "| steps |", "| images seen |", "loss of");
    assertThat(cardOf("model-epoch-0002"))
        .contains("| epochs | 2 of 3 |\n")
        .doesNotContain("| steps |", "| images seen |", "loss of");
    assertThat(cardOf("mine")).doesNotContain("| steps |");
  }

  @Test
  void tellsTheStepThatAModelWasMeasuredAfter() throws IOException {
    takeSteps(6);
    Path best = write("model-best");
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode json = (ObjectNode) mapper.readTree(best.resolve("config.json").toFile());
    NotedAccuracy.add(json, new EpochAccuracy(1, 4, 3, 5, 8, 0.5, 0));
    mapper.writeValue(best.resolve("config.json").toFile(), json);

    assertThat(card(best))
        .contains("| epochs | 2 of 3 |\n| steps | 4 |\n| images seen | 16 |\n")
        .contains("| loss of the last step | 0.4 |\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"start\":9223372036854775807,\"steps\":5}", "{\"start\":-1,\"steps\":1}", "{}"})
  void saysLessOfARunWithADamagedDecay(String decay) throws IOException {
    takeSteps(6);
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode record = (ObjectNode) mapper.readTree(run.resolve("run.json").toFile());
    record.set("decay", mapper.readTree(decay));
    mapper.writeValue(run.resolve("run.json").toFile(), record);

    assertThat(cardOf("model")).doesNotContain("| steps |", "loss of");
  }

  private void takeSteps(int steps) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int step = 1; step <= steps; step++) {
      lines.append(
          "{\"step\":%d,\"epoch\":%d,\"images_seen\":%d,\"loss\":0.%d}\n"
              .formatted(step, (step - 1) / 2, 4 * step, step));
    }
    Files.writeString(run.resolve("metrics.jsonl"), lines);
  }

  private String cardOf(String name) throws IOException {
    return card(write(name));
  }

  private Path write(String name) throws IOException {
    TrainerConfig trainer = config.trainer(ClusterColors.NONE);
    Path model = run.resolve(name);
    try (TrainingModel training = TrainingModel.create(trainer);
        StateSnapshot snapshot = training.snapshot(Gradients.NONE)) {
      new ModelWriter(trainer).write(new org.apache.flink.core.fs.Path(model.toUri()), snapshot);
    }
    return model;
  }

  private String card(Path model) throws IOException {
    Path target = folder.resolve("exported");
    new ModelConversion(
            ModelFolder.find("--from", model.toString()),
            ExportFormat.TIMM,
            target.toString(),
            Optional.empty())
        .run();
    return Files.readString(target.resolve("README.md"));
  }
}

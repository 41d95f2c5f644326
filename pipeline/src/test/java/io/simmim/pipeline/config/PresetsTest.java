package io.simmim.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.UserError;
import io.simmim.trainer.model.EncoderType;
import io.simmim.trainer.optimizer.ScheduleType;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PresetsTest {
  static Stream<String> names() {
    return Presets.names().stream();
  }

  @ParameterizedTest
  @MethodSource("names")
  void resolvesAndValidates(String name) {
    SimmimConfig config = new ConfigLoader().preset(name).load().config();

    assertThat(config.plan(2_000_000).totalSteps()).isPositive();
    assertThat(config.schedule().forRun(config.plan(2_000_000)).ofStep(0)).isPositive();
    assertThat(config.model().imageSize()).isEqualTo(config.image().size());
  }

  @ParameterizedTest
  @MethodSource("names")
  void opensWithSourceHardwareTimeAndLoss(String name) {
    assertThat(Presets.text(name).lines().takeWhile(line -> line.startsWith("#")))
        .anyMatch(line -> line.startsWith("# Source: "))
        .anyMatch(line -> line.startsWith("# Hardware: "))
        .anyMatch(line -> line.startsWith("# Time: "))
        .anyMatch(line -> line.startsWith("# Loss: "));
  }

  @Test
  void listsEveryFileThatShips() throws IOException, URISyntaxException {
    Path folder = Path.of(Presets.class.getResource("presets").toURI());
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              Presets.names().stream().map(name -> name + ".yaml").toList());
    }
  }

  @Test
  void vitBaseIsTheOfficialConfiguration() {
    SimmimConfig config = new ConfigLoader().preset("vit-base-800ep").load().config();

    assertThat(config.plan(1_281_167).globalBatch()).isEqualTo(2048);
    assertThat(config.plan(1_281_167).stepsPerEpoch()).isEqualTo(625);
    assertThat(config.image().size()).isEqualTo(224);
    assertThat(config.training().epochs()).isEqualTo(800);
    assertThat(config.schedule().type()).isEqualTo(ScheduleType.MULTISTEP);
    assertThat(config.schedule().milestones()).containsExactly(700);
    assertThat(config.schedule().warmupEpochs()).isEqualTo(10);
    assertThat(config.schedule().baseLearningRate()).isEqualTo(1e-4);
    assertThat(config.schedule().warmupLearningRate()).isEqualTo(5e-7);
    assertThat(config.encoder().dropPathRate()).isEqualTo(0.1);
    assertThat(config.encoder().layerScaleInit()).isEqualTo(0.1);
  }

  @Test
  void swinV2BaseIsTheOfficialConfiguration() {
    SimmimConfig config = new ConfigLoader().preset("swinv2-base-800ep").load().config();

    assertThat(config.plan(1_281_167).globalBatch()).isEqualTo(2048);
    assertThat(config.encoder().type()).isEqualTo(EncoderType.SWINV2);
    assertThat(config.encoder().depth()).containsExactly(2, 2, 18, 2);
    assertThat(config.encoder().numHeads()).containsExactly(4, 8, 16, 32);
    assertThat(config.encoder().windowSize()).isEqualTo(12);
    assertThat(config.encoder().dropPathRate()).isEqualTo(0.1);
    assertThat(config.target().normPatchSize()).isEqualTo(47);
  }

  @Test
  void vitBaseOfThePaperDiffersInItsScheduleOnly() {
    SimmimConfig code = new ConfigLoader().preset("vit-base-800ep").load().config();
    SimmimConfig paper = new ConfigLoader().preset("vit-base-800ep-paper").load().config();

    assertThat(paper.schedule().type()).isEqualTo(ScheduleType.COSINE);
    assertThat(paper.schedule().warmupEpochs()).isEqualTo(20);
    assertThat(paper).usingRecursiveComparison().ignoringFields("schedule").isEqualTo(code);
  }

  @Test
  void refusesAnUnknownName() {
    assertThatThrownBy(() -> new ConfigLoader().preset("vit-huge"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "preset must be one of %s: vit-huge".formatted(String.join(", ", Presets.names())));
  }
}

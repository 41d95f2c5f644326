package io.simmim.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.simmim.schemas.UserError;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.optimizer.LearningRateSchedule;
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
  private static final long IMAGENET = 1_281_167;

  static Stream<String> names() {
    return Presets.names().stream();
  }

  @ParameterizedTest
  @MethodSource("names")
  void resolvesAndValidates(String name) {
    SimmimConfig config = new ConfigLoader().preset(name).load().config();

    assertThat(config.plan(2_000_000).totalSteps()).isPositive();
    assertThat(config.schedule().forRun(config.plan(2_000_000)).ofStep(1)).isPositive();
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

    assertThat(config.plan(IMAGENET).globalBatch()).isEqualTo(2048);
    assertThat(config.plan(IMAGENET).stepsPerEpoch()).isEqualTo(625);
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

    assertThat(config.plan(IMAGENET).globalBatch()).isEqualTo(2048);
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
    assertThat(paper.schedule().baseLearningRate() * paper.plan(1_281_167).globalBatch() / 512)
        .isCloseTo(8e-4, within(1e-12));
    assertThat(paper).usingRecursiveComparison().ignoringFields("schedule").isEqualTo(code);
  }

  @Test
  void theStepsOfTheSupplementDifferInTheirScheduleOnly() {
    SimmimConfig cosine = new ConfigLoader().preset("swin-base-100ep").load().config();
    SimmimConfig steps = new ConfigLoader().preset("swin-base-100ep-step").load().config();

    assertThat(steps.schedule().type()).isEqualTo(ScheduleType.STEP);
    assertThat(steps.schedule().milestoneShares()).containsExactly(0.9, 0.95);
    assertThat(steps).usingRecursiveComparison().ignoringFields("schedule").isEqualTo(cosine);
  }

  @Test
  void theScalingExperimentsDropWhereTheOfficialSwinV2BaseDoes() {
    LearningRateSchedule official = rates("swinv2-base-800ep");
    LearningRateSchedule scaling = rates("swinv2-large-800ep");

    for (long update : new long[] {0, 3_000, 6_250, 437_499, 437_500, 499_999}) {
      assertThat(scaling.afterUpdate(update)).isEqualTo(official.afterUpdate(update));
    }
  }

  @Test
  void maeHasTheRatesOfItsOfficialCode() {
    SimmimConfig config = new ConfigLoader().preset("mae-vit-large-800ep").load().config();
    LearningRateSchedule schedule = rates("mae-vit-large-800ep");
    long stepsPerEpoch = 312;

    assertThat(config.plan(IMAGENET).globalBatch()).isEqualTo(4096);
    assertThat(config.plan(IMAGENET).stepsPerEpoch()).isEqualTo(stepsPerEpoch);
    assertThat(schedule.ofStep(0)).isZero();
    assertThat(schedule.ofStep(20 * stepsPerEpoch)).isCloseTo(1.2e-3, within(1e-15));
    assertThat(schedule.ofStep(40 * stepsPerEpoch)).isCloseTo(2.4e-3, within(1e-15));
    assertThat(schedule.ofStep(420 * stepsPerEpoch)).isCloseTo(1.2e-3, within(1e-15));
    assertThat(config.optimizer().beta2()).isEqualTo(0.95);
    assertThat(config.optimizer().clipGradNorm()).isZero();
  }

  @Test
  void swinV2GiantWarmsUpForThirtyThousandSteps() {
    SimmimConfig config = new ConfigLoader().preset("swinv2-giant-20ep").load().config();

    assertThat(config.plan(70_000_000).globalBatch()).isEqualTo(9216);
    assertThat(config.schedule().warmupEpochs() * config.plan(70_000_000).stepsPerEpoch())
        .isCloseTo(30_000, withinPercentage(0.1));
  }

  private static LearningRateSchedule rates(String preset) {
    SimmimConfig config = new ConfigLoader().preset(preset).load().config();
    return config.schedule().forRun(config.plan(IMAGENET));
  }

  @Test
  void refusesAnUnknownName() {
    assertThatThrownBy(() -> new ConfigLoader().preset("vit-huge"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "preset must be one of %s: vit-huge (nearest: vit-tiny)"
                .formatted(String.join(", ", Presets.names())));
  }
}

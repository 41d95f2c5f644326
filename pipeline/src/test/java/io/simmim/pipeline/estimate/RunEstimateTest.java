package io.simmim.pipeline.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.simmim.operators.catalog.Catalog;
import io.simmim.pipeline.OtherDigits;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.kubernetes.PodResources;
import io.simmim.schemas.ImageRef;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

class RunEstimateTest {
  private static final int IMAGES = 100;
  private static final int BYTES = 1000;

  /** 3 steps of 32 images in each of 100 epochs. */
  private static final Pace PACE = new Pace(600, 300, 200, 2, 32, OptionalLong.empty());

  @Test
  void timeIsThatOfTheStartAndOfAllStepsAtTheMeasuredPace() throws IOException {
    RunEstimate run = estimate(PACE);

    assertThat(run.steps()).isEqualTo(300);
    assertThat(run.seconds()).isEqualTo(8 + 300 * 32 / 200.0);
    assertThat(run.secondsOfTrainer()).isEqualTo(8 + 300 * 32 / 300.0);
    assertThat(run.bytesPerSecond()).isCloseTo(200.0 * BYTES, within(1e-6));
    assertThat(PACE.busyCores()).isEqualTo(0.5);
  }

  @Test
  void exportsBetweenEpochsAreCountedAsTheyAreKept() throws IOException {
    assertThat(estimate(PACE).exports()).isEqualTo(1);
    assertThat(estimate(PACE, "export.every-epochs=10").exports()).isEqualTo(10);
    assertThat(estimate(PACE, "export.every-epochs=10", "export.retained=3").exports())
        .isEqualTo(4);
  }

  @Test
  void aRunWithoutEndIsToldByTheEpochAndAsUnknown() throws IOException {
    RunEstimate run = estimate(PACE, "continuous.follow=true");

    assertThat(run.steps()).isEqualTo(1000);
    assertThat(Caveats.of(List.of(run))).anyMatch(line -> line.contains("such a run has no end"));
  }

  @Test
  void passesThatWereCutShortAreTold() throws IOException {
    Pace cut = new Pace(600, 300, 200, 2, 16, OptionalLong.empty());

    assertThat(Caveats.of(List.of(estimate(cut))))
        .anyMatch(line -> line.contains("passes of 16 images were timed, not of 32"));
    assertThat(Caveats.of(List.of(estimate(PACE)))).noneMatch(line -> line.contains("were timed"));
  }

  @Test
  void memoryIsThatOfTheManifestAndNeverLessThanWasSeen() throws IOException {
    RunEstimate seen =
        estimate(new Pace(600, 300, 200, 2, 32, OptionalLong.of(100_000)), "training.device=gpu0");
    RunEstimate unseen = estimate(PACE, "training.device=gpu0");

    assertThat(unseen.pod()).isEqualTo(PodResources.of(unseen.config()));
    assertThat(unseen.deviceMiB()).isEqualTo(unseen.pod().deviceMiB());
    assertThat(seen.deviceMiB()).isEqualTo(100_000);
    assertThat(unseen.localMiB()).isGreaterThan(Runtime.getRuntime().maxMemory() >> 20);
  }

  @Test
  @ExtendWith(OtherDigits.class)
  void allNumbersOfATableAreWrittenAlike() throws IOException {
    assertThat(String.join("", EstimateTable.lines(List.of(estimate(PACE)))))
        .doesNotContainPattern("[^\\p{ASCII}]");
  }

  @Test
  void configurationsStandSideBySide() throws IOException {
    List<String> lines = EstimateTable.lines(List.of(estimate(PACE), estimate(PACE)));

    assertThat(lines.get(0)).matches(" +small +small");
    assertThat(lines)
        .anyMatch(line -> line.matches("both in one process +200.0 img/s +200.0 img/s"));
    assertThat(lines).anyMatch(line -> line.matches("time on this machine +56 s +56 s"));
  }

  private static RunEstimate estimate(Pace pace, String... assignments) throws IOException {
    SimmimConfig config =
        new ConfigLoader().preset("vit-tiny").set(List.of(assignments)).load().config();
    List<ImageRef> refs = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      refs.add(new ImageRef(i, "file:/%03d.jpg".formatted(i), 0, BYTES));
    }
    return RunEstimate.of(
        "small",
        config,
        Catalog.of(refs, List.of("file:/")),
        config.continuous().isOn() ? config.continuousPlan() : config.plan(IMAGES),
        pace);
  }
}

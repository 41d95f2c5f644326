package io.simmim.pipeline.show;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpikeTest {
  private static final int STEPS = 4000;

  @TempDir private Path folder;

  @Test
  void findsThreeStepsAmongThousands() throws IOException {
    StringBuilder lines = new StringBuilder();
    SplittableRandom random = new SplittableRandom(3);
    for (int step = 1; step <= STEPS; step++) {
      double loss = loss(step, random);
      double norm = 0.1 + 2.0 / (10 + step / 20.0) + 0.02 * random.nextGaussian();
      loss += step == 731 ? 0.3 : step == 2950 ? 0.9 : 0;
      norm *= step == 1800 ? 30 : 1;
      lines.append(line(step, loss, norm));
    }
    Path metrics = Files.writeString(folder.resolve("metrics.jsonl"), lines);

    List<Spike> spikes = Spike.of(read(metrics));

    assertThat(spikes).extracting(Spike::step).containsExactly(1800L, 2950L, 731L);
    assertThat(spikes.get(1).line())
        .startsWith("step 2950: loss 1.")
        .contains(" deviations), gradient norm 0.");
  }

  @Test
  void tellsOfAJumpThatStaysOnce() throws IOException {
    StringBuilder lines = new StringBuilder();
    SplittableRandom random = new SplittableRandom(4);
    for (int step = 1; step <= STEPS; step++) {
      lines.append(line(step, loss(step, random) + (step >= 3000 ? 0.5 : 0), 0.2));
    }
    Path metrics = Files.writeString(folder.resolve("metrics.jsonl"), lines);

    assertThat(Spike.of(read(metrics)))
        .singleElement()
        .satisfies(spike -> assertThat(spike.first()).isEqualTo(3000))
        .satisfies(spike -> assertThat(spike.last()).isBetween(3020L, 3060L));
  }

  /** Losses fall steeply, and norms rise. */
  @Test
  void findsNothingInAnOrdinaryBeginning() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int step = 1; step <= 200; step++) {
      lines.append(line(step, 1.0 / Math.sqrt(step), 0.01 * step));
    }
    Path metrics = Files.writeString(folder.resolve("metrics.jsonl"), lines);

    assertThat(Spike.of(read(metrics))).isEmpty();
  }

  @Test
  void readsFoldersOfLinesWhileTheyAreWritten() throws IOException {
    Path metrics = Files.createDirectories(folder.resolve("metrics.jsonl"));
    Files.writeString(metrics.resolve("00000001.jsonl"), line(3, 0.3, 1) + "{\"step\":4,\"lo");
    Files.writeString(
        metrics.resolve("00000000.jsonl"),
        line(1, 0.1, 1) + "not JSON\n" + line(2, 0.2, 1).replace("\"images\":8", "\"images\":0"));

    StepSeries series = read(metrics);

    assertThat(LongStream.of(series.steps())).containsExactly(1L, 3L);
    assertThat(series.losses()).containsExactly(0.1, 0.3);
  }

  private static StepSeries read(Path metrics) throws IOException {
    return StepSeries.read(new org.apache.flink.core.fs.Path(metrics.toUri()));
  }

  private static double loss(int step, SplittableRandom random) {
    return 0.4 + 0.6 / Math.sqrt(1 + step / 30.0) + 0.02 * random.nextGaussian();
  }

  private static String line(long step, double loss, double norm) {
    return String.format(
        Locale.ROOT,
        "{\"step\":%d,\"images\":8,\"loss\":%.6f,\"gradient_norm\":%.6f}%n",
        step,
        loss,
        norm);
  }
}

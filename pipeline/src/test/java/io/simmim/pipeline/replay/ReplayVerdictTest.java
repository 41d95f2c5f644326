package io.simmim.pipeline.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.trainer.state.TrainingPlatform;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReplayVerdictTest {
  private static final TrainingPlatform HERE = new TrainingPlatform("2.7.1", "cpu", "AVX2", 2);
  private static final TrainingPlatform THERE = new TrainingPlatform("2.7.1", "gpu0", "AVX512", 8);

  private static String line(
      double replayed, double told, long firstDifferent, Optional<TrainingPlatform> before) {
    return new ReplayVerdict(replayed, told, firstDifferent, HERE, before).line();
  }

  @Test
  void saysThatAllStepsAreTheSame() {
    assertThat(line(0.69314, 0.69314, 0, Optional.of(HERE)))
        .isEqualTo("replayed loss 0.6931, run's 0.6931: the same to the last bit");
  }

  @Test
  void namesThePlatformsWhereTheyDiffer() {
    assertThat(line(0.69314718, 0.6931472, 41, Optional.of(THERE)))
        .isEqualTo(
            "replayed loss 0.69314718, run's 0.6931472: steps differ from step 41 on; replayed with libtorch 2.7.1 on cpu, AVX2 kernels, 2 threads; trained with libtorch 2.7.1 on gpu0, AVX512 kernels, 8 threads");
  }

  @Test
  void saysWhatMayDifferWhereNoCheckpointTellsIt() {
    String unknown =
        "; the run may have had another libtorch, device, kernels or number of threads, or images have changed";
    assertThat(line(1, 2, 1, Optional.empty())).endsWith(unknown);
    assertThat(line(1, 2, 1, Optional.of(HERE))).endsWith(unknown);
  }

  @Test
  void isNotMistakenWhereTheLastStepAloneIsTheSame() {
    assertThat(line(0.5, 0.5, 7, Optional.of(HERE))).contains("steps differ from step 7 on");
  }

  @Test
  void tellsOfStepsThatTheRunDoesNotTellOf() {
    assertThat(line(0.5, Double.NaN, 0, Optional.of(HERE)))
        .isEqualTo("replayed loss 0.5000; metrics.jsonl has none of this step");
    assertThat(line(0.5, Double.NaN, 7, Optional.of(HERE)))
        .startsWith("replayed loss 0.5000; metrics.jsonl has none of this step; steps differ");
  }

  @Test
  void tellsOfStepsThatEndARun() {
    String message =
        "training diverged: the loss of step 7 (epoch 1) is NaN; a lower rate may help";
    assertThat(ReplayVerdict.diverged(message, Double.NaN))
        .isEqualTo(
            "replayed: training diverged: the loss of step 7 (epoch 1) is NaN, as the run ended");
    assertThat(ReplayVerdict.diverged(message, 0.5)).endsWith(" is NaN; the run's loss was 0.5000");
  }
}

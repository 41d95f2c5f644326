package io.simmim.pipeline.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepTimeTest {
  private static SimmimConfig config(String preset, String... settings) {
    return new ConfigLoader().preset(preset).set(List.of(settings)).load().config();
  }

  @Test
  void tellsWhatTheDefaultsTakeOnAFewCores() {
    assertThat(StepTime.slownessOnCpu(new ConfigLoader().load().config(), 2))
        .hasValueSatisfying(
            line ->
                assertThat(line)
                    .matches(
                        "training\\.device is cpu: a step of 128 images through 86\\.\\d million"
                            + " parameters takes some \\d+ (seconds|minutes) on 2 cores; --preset"
                            + " vit-tiny is made for CPUs, bin/simmim estimate measures this one"));
  }

  /** 105 GFLOP an image, by the comment of the preset: 215e12 operations at 100e9 a second. */
  @Test
  void countsTheWholeBatch() {
    assertThat(StepTime.slownessOnCpu(config("vit-base-800ep"), 2))
        .hasValueSatisfying(
            line -> assertThat(line).contains(" 2,048 images ", " some 36 minutes "));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 64})
  void saysNothingOfWhatIsMadeForCpus(int cores) {
    assertThat(StepTime.slownessOnCpu(config("vit-tiny"), cores)).isEmpty();
  }

  @Test
  void saysNothingOfAGpu() {
    assertThat(StepTime.slownessOnCpu(config("vit-base-800ep", "training.device=gpu0"), 2))
        .isEmpty();
  }
}

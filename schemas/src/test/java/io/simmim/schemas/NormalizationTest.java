package io.simmim.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class NormalizationTest {
  private static final List<Double> HALF = List.of(0.5, 0.5, 0.5);

  @Test
  void takesWhatModelsAreShown() {
    assertThat(Normalization.named("mean", HALF, "std", HALF))
        .isEqualTo(new Normalization(HALF, HALF))
        .isNotEqualTo(Normalization.IMAGENET);
    assertThat(new Normalization(List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)).mean())
        .containsOnly(0.0);
  }

  @Test
  void refusesWhatIsNoMeanAndDeviationOfThreeChannels() {
    assertRefused(
        List.of(0.5),
        HALF,
        "image.mean must be three numbers (red, green, blue) from 0.0 to 1.0: [0.5]");
    assertRefused(
        List.of(0.5, Double.NaN, 0.5),
        HALF,
        "image.mean must be three numbers (red, green, blue) from 0.0 to 1.0: [0.5, NaN, 0.5]");
    assertRefused(
        List.of(123.675, 116.28, 103.53),
        HALF,
        "image.mean must be three numbers (red, green, blue) from 0.0 to 1.0: [123.675, 116.28,"
            + " 103.53]");
    assertRefused(
        HALF,
        List.of(0.5, 0.0, 0.5),
        "image.std must be three numbers (red, green, blue) from 0.001 to 10.0: [0.5, 0.0, 0.5]");
    assertRefused(
        HALF,
        List.of(0.5, Double.POSITIVE_INFINITY, 0.5),
        "image.std must be three numbers (red, green, blue) from 0.001 to 10.0: [0.5, Infinity,"
            + " 0.5]");
  }

  private static void assertRefused(List<Double> mean, List<Double> deviation, String message) {
    assertThatThrownBy(() -> Normalization.named("image.mean", mean, "image.std", deviation))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}

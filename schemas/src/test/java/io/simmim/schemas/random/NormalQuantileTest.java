package io.simmim.schemas.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormalQuantileTest {
  /** As mpmath computes them with 30 digits. */
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.1, 0.2533471031357997",
    "-0.1, -0.2533471031357997",
    "0.34134474606854293, 1",
    "0.425, 1.43953147093845584",
    "-0.475, -1.95996398454005386",
    "0.499, 3.09023230616781328",
    "-0.4999999, -5.19933758218747155",
    "0.49999999988358467, 6.33795775455378925",
  })
  void findsTheNumberOfAProbability(double probability, double number) {
    assertThat(NormalQuantile.of(probability)).isCloseTo(number, within(1e-14));
  }
}

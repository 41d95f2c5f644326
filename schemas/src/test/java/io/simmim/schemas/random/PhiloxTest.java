package io.simmim.schemas.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.random.Philox.Purpose;
import org.junit.jupiter.api.Test;

class PhiloxTest {
  /** Known answers of Random123's kat_vectors, philox4x32 with 10 rounds. */
  @Test
  void agreesWithThePublishedVectors() {
    assertThat(block(0, 0, 0, 0, 0, 0))
        .containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    assertThat(block(-1, -1, -1, -1, -1, -1))
        .containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    assertThat(block(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0))
        .containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
  }

  @Test
  void repeatsItselfForTheSameSampleAndDiffersForOthers() {
    assertThat(draw(7, Purpose.CROP, 3, 11)).isEqualTo(draw(7, Purpose.CROP, 3, 11));
    assertThat(draw(7, Purpose.CROP, 3, 11))
        .isNotEqualTo(draw(8, Purpose.CROP, 3, 11))
        .isNotEqualTo(draw(7, Purpose.FLIP, 3, 11))
        .isNotEqualTo(draw(7, Purpose.CROP, 4, 11))
        .isNotEqualTo(draw(7, Purpose.CROP, 3, 12))
        .isNotEqualTo(draw(7, Purpose.CROP, 3, 11 + (1L << 32)));
  }

  @Test
  void drawsUniformIntegers() {
    int bound = 5;
    int draws = 100_000;
    int[] counts = new int[bound];
    Philox random = new Philox(1, Purpose.MASK, 0, 0);
    for (int i = 0; i < draws; i++) {
      counts[random.nextInt(bound)]++;
    }
    double expected = (double) draws / bound;
    double chiSquared = 0;
    for (int count : counts) {
      chiSquared += (count - expected) * (count - expected) / expected;
    }
    // 99.9 % quantile for 4 degrees of freedom; the sequence is fixed, so this never flickers.
    assertThat(chiSquared).isLessThan(18.47);
  }

  @Test
  void drawsDoublesBelowOne() {
    Philox random = new Philox(2, Purpose.CROP, 0, 0);
    double sum = 0;
    for (int i = 0; i < 100_000; i++) {
      double value = random.nextDouble();
      assertThat(value).isBetween(0.0, Math.nextDown(1.0));
      sum += value;
    }
    assertThat(sum / 100_000).isBetween(0.497, 0.503);
  }

  @Test
  void refusesAnEmptyRange() {
    assertThatThrownBy(() -> new Philox(0, Purpose.MASK, 0, 0).nextInt(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bound must be at least 1: 0");
  }

  private static int[] block(int c0, int c1, int c2, int c3, int k0, int k1) {
    int[] out = new int[4];
    Philox.generate(c0, c1, c2, c3, k0, k1, out);
    return out;
  }

  private static double draw(long seed, Purpose purpose, int epoch, long index) {
    return new Philox(seed, purpose, epoch, index).nextDouble();
  }
}

package io.simmim.schemas.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The sequences are fixed, so that the statistical tests never flicker. */
class KeyedPermutationTest {
  @Test
  void reachesEveryImageOnce() {
    for (int size = 1; size <= 200; size++) {
      for (int epoch = 0; epoch < 3; epoch++) {
        reachesEveryImageOnce(new KeyedPermutation(7, epoch, size), size);
      }
    }
    reachesEveryImageOnce(new KeyedPermutation(7, 0, 1 << 20), 1 << 20);
    reachesEveryImageOnce(new KeyedPermutation(7, 0, 1_281_167), 1_281_167);
  }

  private static void reachesEveryImageOnce(KeyedPermutation order, int size) {
    BitSet reached = new BitSet(size);
    for (int position = 0; position < size; position++) {
      reached.set(Math.toIntExact(order.imageAt(position)));
    }
    assertThat(reached.cardinality()).isEqualTo(size);
    assertThat(reached.length()).isEqualTo(size);
  }

  @Test
  void staysInsideHugeRanges() {
    long size = (1L << 40) + 12345;
    KeyedPermutation order = new KeyedPermutation(7, 3, size);
    long[] images = LongStream.range(0, 100_000).map(p -> order.imageAt(size - 1 - p)).toArray();

    assertThat(LongStream.of(images).distinct().count()).isEqualTo(images.length);
    assertThat(LongStream.of(images).max().getAsLong()).isBetween(size / 10 * 9, size - 1);
    assertThat(LongStream.of(images).min().getAsLong()).isBetween(0L, size / 10);
  }

  /** Computed by an independent program. */
  @Test
  void keepsItsOrderForEver() {
    assertThat(images(42, 0, 10, 10)).containsExactly(0, 3, 9, 2, 6, 8, 1, 7, 5, 4);
    assertThat(images(42, 1, 10, 10)).containsExactly(0, 8, 5, 7, 1, 6, 4, 3, 2, 9);
    assertThat(images(-1, 799, 1_281_167, 6))
        .containsExactly(106928, 85478, 696601, 627004, 314800, 854782);
  }

  /** Each image must be equally likely at each position over the epochs. */
  @Test
  void bringsEachImageToEachPositionEquallyOften() {
    int size = 11;
    int epochs = 22_000;
    long[] counts = new long[size * size];
    for (int epoch = 0; epoch < epochs; epoch++) {
      KeyedPermutation order = new KeyedPermutation(1, epoch, size);
      for (int position = 0; position < size; position++) {
        counts[position * size + (int) order.imageAt(position)]++;
      }
    }
    // (11 - 1)^2 = 100 degrees of freedom: 99.9 % quantile.
    assertThat(chiSquared(counts, (double) epochs / size)).isLessThan(149.4);
  }

  /** Which image follows which must not depend on the order they are listed in. */
  @Test
  void makesEveryPairOfNeighboursEquallyLikely() {
    int size = 9;
    int epochs = 40_000;
    long[] counts = new long[size * size];
    for (int epoch = 0; epoch < epochs; epoch++) {
      KeyedPermutation order = new KeyedPermutation(2, epoch, size);
      counts[(int) (order.imageAt(3) * size + order.imageAt(4))]++;
    }
    long[] pairs =
        IntStream.range(0, size * size)
            .filter(i -> i / size != i % size)
            .mapToLong(i -> counts[i])
            .toArray();
    // 72 - 1 degrees of freedom: 99.9 % quantile.
    assertThat(chiSquared(pairs, epochs / 72.0)).isLessThan(112.3);
  }

  @Test
  void leavesNoCorrelationBetweenNeighboursNorBetweenEpochs() {
    int size = 100_000;
    long[] first = images(5, 0, size, size);
    long[] second = images(5, 1, size, size);
    long[] identity = LongStream.range(0, size).toArray();
    long[] shifted = LongStream.range(0, size).map(i -> first[(int) ((i + 1) % size)]).toArray();

    // The standard deviation of the correlation of unrelated orders is 1 / sqrt(size) = 0.003.
    assertThat(correlation(first, shifted)).isBetween(-0.01, 0.01);
    assertThat(correlation(first, second)).isBetween(-0.01, 0.01);
    assertThat(correlation(first, identity)).isBetween(-0.01, 0.01);
  }

  @Test
  void ordersSeedsAndEpochsDifferently() {
    assertThat(images(1, 0, 1000, 1000)).isNotEqualTo(images(1, 1, 1000, 1000));
    assertThat(images(1, 0, 1000, 1000)).isNotEqualTo(images(2, 0, 1000, 1000));
    assertThat(images(1, 0, 1000, 1000)).isEqualTo(images(1, 0, 1000, 1000));
  }

  @Test
  void refusesPositionsOutside() {
    KeyedPermutation order = new KeyedPermutation(0, 0, 5);

    assertThatThrownBy(() -> order.imageAt(5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("position must be from 0 to 4: 5");
    assertThatThrownBy(() -> new KeyedPermutation(0, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a permutation must have at least 1 element: 0");
  }

  private static long[] images(long seed, int epoch, long size, int count) {
    KeyedPermutation order = new KeyedPermutation(seed, epoch, size);
    return LongStream.range(0, count).map(order::imageAt).toArray();
  }

  private static double chiSquared(long[] counts, double expected) {
    return LongStream.of(counts).mapToDouble(c -> (c - expected) * (c - expected) / expected).sum();
  }

  private static double correlation(long[] a, long[] b) {
    double mean = (a.length - 1) / 2.0;
    double product = 0;
    double square = 0;
    for (int i = 0; i < a.length; i++) {
      product += (a[i] - mean) * (b[i] - mean);
      square += (a[i] - mean) * (a[i] - mean);
    }
    return product / square;
  }
}

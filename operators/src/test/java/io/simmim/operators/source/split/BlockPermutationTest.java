package io.simmim.operators.source.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.schemas.BatchPlan;
import java.util.BitSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The sequences are fixed, so that the statistical test never flickers. */
class BlockPermutationTest {
  @Test
  void reachesEveryImageOnce() {
    for (int size = 1; size <= 100; size++) {
      for (int block = 1; block <= Math.min(size, 17); block++) {
        SampleOrder order = new BlockPermutation(7, size % 5, size, block);
        BitSet reached = new BitSet(size);
        IntStream.range(0, size).forEach(position -> reached.set((int) order.imageAt(position)));
        assertThat(reached.cardinality()).isEqualTo(size);
        assertThat(reached.length()).isEqualTo(size);
      }
    }
  }

  @Test
  void bringsNeighboursIntoOneChunk() {
    int size = 1003;
    int block = 16;
    SampleOrder order = new BlockPermutation(7, 3, size, block);
    for (long chunk = 0; chunk < size / block; chunk++) {
      long first = order.imageAt(chunk * block);
      for (int i = 1; i < block; i++) {
        assertThat(order.imageAt(chunk * block + i)).isEqualTo((first + i) % size);
      }
    }
  }

  @Test
  void ordersBlocksAnewInEachEpochAndCutsThemElsewhere() {
    BatchPlan plan = new BatchPlan(1000, 3, 16, 1, 8);
    long[] starts =
        IntStream.range(0, 20)
            .mapToLong(epoch -> Shuffle.BLOCK.order(7, epoch, plan).imageAt(0))
            .toArray();

    assertThat(LongStream.of(starts).distinct().count()).isGreaterThan(17);
    assertThat(LongStream.of(starts).map(start -> start % 8).distinct().count()).isGreaterThan(5);
    assertThat(images(42, 0, 20, 4)).containsExactly(images(42, 0, 20, 4));
    assertThat(images(42, 0, 20, 4)).isNotEqualTo(images(43, 0, 20, 4));
  }

  /** Computed by an independent program. */
  @Test
  void keepsItsOrderForEver() {
    assertThat(images(42, 0, 11, 3)).containsExactly(0, 1, 2, 8, 9, 10, 5, 6, 7, 3, 4);
    assertThat(images(42, 1, 11, 3)).containsExactly(9, 10, 0, 3, 4, 5, 6, 7, 8, 1, 2);
  }

  /** Over the epochs every image is left over about equally often. */
  @Test
  void leavesOutEachImageEquallyOften() {
    int size = 11;
    int epochs = 11_000;
    long[] leftOver = new long[size];
    for (int epoch = 0; epoch < epochs; epoch++) {
      leftOver[(int) new BlockPermutation(1, epoch, size, 5).imageAt(10)]++;
    }

    assertThat(LongStream.of(leftOver).min().getAsLong()).isGreaterThan(880);
    assertThat(LongStream.of(leftOver).max().getAsLong()).isLessThan(1120);
  }

  @Test
  void refusesWhatIsOutside() {
    SampleOrder order = new BlockPermutation(0, 0, 5, 2);
    for (long position : new long[] {-1, 5}) {
      assertThatThrownBy(() -> order.imageAt(position))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("position must be from 0 to 4: " + position);
    }
    assertThatThrownBy(() -> new BlockPermutation(0, 0, 5, 6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a block must have from 1 to 5 images: 6");
  }

  private static long[] images(long seed, int epoch, int size, int block) {
    SampleOrder order = new BlockPermutation(seed, epoch, size, block);
    return LongStream.range(0, size).map(order::imageAt).toArray();
  }
}

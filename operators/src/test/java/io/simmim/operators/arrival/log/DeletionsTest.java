package io.simmim.operators.arrival.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DeletionsTest {
  private final Deletions deletions = new Deletions();

  @Test
  void knowsFromWhichChunkOnAnImageIsGone() {
    Random random = new Random(1);
    TreeMap<Long, Long> expected = new TreeMap<>();
    for (long chunk = 0; chunk < 200; chunk++) {
      for (int i = random.nextInt(40); i > 0; i--) {
        long id = random.nextInt(5000);
        assertThat(deletions.add(id, chunk)).isEqualTo(expected.putIfAbsent(id, chunk) == null);
      }
    }

    assertThat(deletions.count()).isEqualTo(expected.size());
    for (long chunk : new long[] {0, 57, 150, 199, 1000}) {
      for (long id = 0; id < 5100; id++) {
        boolean gone = expected.getOrDefault(id, Long.MAX_VALUE) <= chunk;
        assertThat(deletions.contains(id, chunk)).isEqualTo(gone);
        long next = id;
        while (expected.getOrDefault(next, Long.MAX_VALUE) <= chunk) {
          next++;
        }
        assertThat(deletions.nextPresent(id, chunk)).isEqualTo(next);
      }
    }
  }

  @Test
  void stepsOverWhatWentTogether() {
    for (long id = 500; id < 100_000; id++) {
      deletions.add(id, 7);
    }

    assertThat(deletions.nextPresent(0, 7)).isZero();
    assertThat(deletions.nextPresent(500, 7)).isEqualTo(100_000);
    assertThat(deletions.nextPresent(500, 6)).isEqualTo(500);
    assertThat(deletions.nextPresent(3_000_000_000L, 7)).isEqualTo(3_000_000_000L);
    assertThat(deletions.memoryBytes()).isLessThan(9 * 100_000);
  }
}

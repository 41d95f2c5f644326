package io.simmim.operators.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.BatchPlan;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever happens to a {@link SimulatedCluster}, downstream must see each chunk once, and none out
 * of the window.
 */
class ChunkDistributionTest {
  private static final BatchPlan PLAN = new BatchPlan(20, 12, 6, 1, 2);
  private static final int TOTAL = (int) PLAN.totalChunks();

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 16, 1000})
  void emitsEachChunkOnceWithinTheWindow(int window) throws Exception {
    CatalogReference catalog = TestCatalogs.of(folder, 20);
    Set<String> seen = new HashSet<>();
    for (int seed = 0; seed < 80; seed++) {
      SimulatedCluster cluster =
          new SimulatedCluster(
              catalog,
              PLAN,
              seed % 2 == 0 ? Shuffle.SAMPLE : Shuffle.BLOCK,
              window,
              new Random(seed));
      cluster.runToTheEnd();
      assertThat(cluster.emitted)
          .as("window %d, seed %d", window, seed)
          .containsExactlyElementsOf(LongStream.range(0, TOTAL).boxed().toList());
      seen.addAll(cluster.happened);
    }
    assertThat(seen).contains("checkpoint", "lost all", "restored");
  }

  @ParameterizedTest
  @EnumSource
  void plansTheSameChunksWhateverHappens(Shuffle shuffle) throws Exception {
    CatalogReference catalog = TestCatalogs.of(folder, 20);
    Map<Long, ChunkSplit> first = new TreeMap<>();
    for (int seed = 0; seed < 20; seed++) {
      SimulatedCluster cluster = new SimulatedCluster(catalog, PLAN, shuffle, 8, new Random(seed));
      cluster.runToTheEnd();
      for (ChunkSplit split : cluster.handedOut) {
        ChunkSplit before = first.putIfAbsent(split.chunk(), split);
        assertThat(before == null ? split.images() : before.images()).isEqualTo(split.images());
      }
    }
  }
}

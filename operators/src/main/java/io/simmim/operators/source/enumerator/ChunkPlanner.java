package io.simmim.operators.source.enumerator;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.SampleOrder;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.ImageRef;
import java.util.AbstractList;

/**
 * Which images a chunk holds: a pure function of (seed, shuffle, catalog, plan, chunk). Not
 * thread-safe: keeps the permutation of the epoch used last.
 */
public final class ChunkPlanner {
  private final Catalog catalog;
  private final BatchPlan plan;
  private final long seed;
  private final Shuffle shuffle;
  private int epoch = -1;
  private SampleOrder order;

  public ChunkPlanner(Catalog catalog, BatchPlan plan, long seed, Shuffle shuffle) {
    this.catalog = catalog;
    this.plan = plan;
    this.seed = seed;
    this.shuffle = shuffle;
  }

  public ChunkSplit split(long chunk) {
    int chunkEpoch = plan.epochOf(chunk);
    if (chunkEpoch != epoch) {
      epoch = chunkEpoch;
      order = shuffle.order(seed, epoch, plan);
    }
    long firstPosition = plan.firstPositionOf(chunk);
    return new ChunkSplit(
        chunk,
        chunkEpoch,
        firstPosition,
        new PlannedImages(catalog, order, firstPosition, plan.chunkImages()));
  }

  /** Looks images up when asked: Flink keeps every split until the next checkpoint completes. */
  private static final class PlannedImages extends AbstractList<ImageRef> {
    private final Catalog catalog;
    private final SampleOrder order;
    private final long firstPosition;
    private final int size;

    PlannedImages(Catalog catalog, SampleOrder order, long firstPosition, int size) {
      this.catalog = catalog;
      this.order = order;
      this.firstPosition = firstPosition;
      this.size = size;
    }

    @Override
    public ImageRef get(int index) {
      return catalog.ref(order.imageAt(firstPosition + index));
    }

    @Override
    public int size() {
      return size;
    }
  }
}

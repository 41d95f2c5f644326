package io.simmim.operators.source.enumerator;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.UserError;
import java.util.List;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.util.FlinkRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chunks of a stored catalog, epoch after epoch. A worker thread loads the catalog and verifies its
 * digest.
 */
public final class CatalogPlans implements ChunkPlans {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogPlans.class);

  private final CatalogReference reference;
  private final BatchPlan plan;
  private final long seed;
  private final Shuffle shuffle;
  private CatalogRoots roots;
  private ChunkPlanner planner;

  public CatalogPlans(CatalogReference reference, BatchPlan plan, long seed, Shuffle shuffle) {
    this.reference = reference;
    this.plan = plan;
    this.seed = seed;
    this.shuffle = shuffle;
  }

  @Override
  public void start(SplitEnumeratorContext<ChunkSplit> context, Runnable changed) {
    context.callAsync(
        () -> Catalog.read(reference),
        (catalog, failure) -> {
          loaded(catalog, failure);
          changed.run();
        });
  }

  private void loaded(Catalog catalog, Throwable failure) {
    if (failure instanceof UserError) {
      throw new SuppressRestartsException(failure);
    }
    if (failure != null) {
      throw new FlinkRuntimeException("cannot read catalog " + reference.path(), failure);
    }
    LOG.info("Catalog {} has {} images", reference.path(), catalog.size());
    roots = new CatalogRoots(catalog.roots());
    planner = new ChunkPlanner(catalog, plan, seed, shuffle);
  }

  @Override
  public CatalogRoots roots() {
    return roots;
  }

  @Override
  public boolean canPlan(long chunk) {
    return planner != null;
  }

  @Override
  public long waitingChunks(long nextChunk) {
    return plan.totalChunks() - nextChunk;
  }

  @Override
  public ChunkSplit split(long chunk) {
    return planner.split(chunk);
  }

  @Override
  public ChunkEnumeratorState snapshot(long checkpoint, long nextChunk, List<Long> returned) {
    return new ChunkEnumeratorState.Progress(seed, shuffle, reference, plan, nextChunk, returned);
  }
}

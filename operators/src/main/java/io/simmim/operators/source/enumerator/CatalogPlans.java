package io.simmim.operators.source.enumerator;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.schemas.UserError;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.util.FlinkRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chunks of a stored catalog, epoch after epoch. A worker thread loads the catalog and verifies its
 * digest.
 */
final class CatalogPlans implements ChunkPlans {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogPlans.class);

  private final CatalogReference reference;
  private final PlanState.Listed state;
  private final Function<Catalog, LongFunction<ChunkSplit>> planning;
  private CatalogRoots roots;
  private LongFunction<ChunkSplit> planner;

  /**
   * Plans what is not loaded yet.
   *
   * @param state what a checkpoint keeps
   * @param planning makes the chunk of a number from the catalog
   */
  CatalogPlans(
      CatalogReference reference,
      PlanState.Listed state,
      Function<Catalog, LongFunction<ChunkSplit>> planning) {
    this.reference = reference;
    this.state = state;
    this.planning = planning;
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
    planner = planning.apply(catalog);
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
    return state.plan().totalChunks() - nextChunk;
  }

  @Override
  public ChunkSplit split(long chunk) {
    return planner.apply(chunk);
  }

  @Override
  public PlanState snapshot(long checkpoint) {
    return state;
  }
}

package io.simmim.operators.source.enumerator;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.source.fetch.CatalogRoots;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.schemas.UserError;
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

  private final ListedImages images;
  private CatalogRoots roots;
  private ChunkPlanner planner;

  CatalogPlans(ListedImages images) {
    this.images = images;
  }

  @Override
  public void start(SplitEnumeratorContext<ChunkSplit> context, Runnable changed) {
    context.callAsync(
        () -> Catalog.read(images.catalog()),
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
      throw new FlinkRuntimeException("cannot read catalog " + images.catalog().path(), failure);
    }
    LOG.info("Catalog {} has {} images", images.catalog().path(), catalog.size());
    roots = new CatalogRoots(catalog.roots());
    planner = new ChunkPlanner(catalog, images.plan(), images.seed(), images.shuffle());
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
    return images.plan().totalChunks() - nextChunk;
  }

  @Override
  public ChunkSplit split(long chunk) {
    return planner.split(chunk);
  }

  @Override
  public PlanState snapshot(long checkpoint) {
    return images.initial();
  }
}

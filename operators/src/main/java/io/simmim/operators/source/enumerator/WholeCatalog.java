package io.simmim.operators.source.enumerator;

import io.simmim.operators.catalog.Catalog;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.split.ChunkSplit;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.ImageRef;
import io.simmim.schemas.UserError;
import java.util.AbstractList;

/**
 * Every image of a catalog once, in its order, the last chunk with what is left. A checkpoint of
 * another catalog is refused.
 *
 * @param catalog a stored catalog; job manager and task managers must reach its path
 * @param chunkImages images per chunk
 */
public record WholeCatalog(CatalogReference catalog, int chunkImages)
    implements ChunkPlans.Factory {
  /** Of a catalog filled up to whole chunks. */
  @Override
  public BatchPlan plan() {
    long chunks = (catalog.size() + chunkImages - 1) / chunkImages;
    return new BatchPlan(chunks * chunkImages, 1, chunkImages, 1, chunkImages);
  }

  /** Neighbours in a shard are read by one request. */
  @Override
  public Shuffle shuffle() {
    return Shuffle.BLOCK;
  }

  @Override
  public PlanState.Listed initial() {
    return new PlanState.Listed(0, shuffle(), catalog, plan());
  }

  @Override
  public ChunkPlans open(PlanState state) {
    if (!(state instanceof PlanState.Listed before)) {
      throw new UserError(
          "cannot resume: the checkpoint is one of images that keep arriving (--follow, --events)");
    }
    new Differences()
        .compare("catalog digest", before.catalog().digest(), catalog.digest())
        .compare("chunk-images", before.plan().chunkImages(), chunkImages)
        .requireNone();
    return new CatalogPlans(
        catalog, initial(), loaded -> chunk -> split(loaded, chunk, chunkImages));
  }

  private static ChunkSplit split(Catalog catalog, long chunk, int chunkImages) {
    long first = chunk * chunkImages;
    int size = (int) Math.min(chunkImages, catalog.size() - first);
    return new ChunkSplit(
        chunk,
        0,
        first,
        new AbstractList<ImageRef>() {
          @Override
          public ImageRef get(int index) {
            return catalog.ref(first + index);
          }

          @Override
          public int size() {
            return size;
          }
        });
  }
}

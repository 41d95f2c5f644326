package io.simmim.operators.source;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.schemas.BatchPlan;
import java.util.List;
import java.util.Objects;

/**
 * What a checkpoint keeps of the enumerator. The images of a chunk are not part of it: they follow
 * from seed, catalog and plan.
 *
 * @param seed the run's seed
 * @param catalog the images of the run
 * @param plan how they are cut into chunks
 * @param nextChunk the first chunk never handed out
 * @param returned chunks below it that no reader holds, ascending
 */
public record ChunkEnumeratorState(
    long seed, CatalogReference catalog, BatchPlan plan, long nextChunk, List<Long> returned) {
  public ChunkEnumeratorState {
    Objects.requireNonNull(catalog, "catalog");
    Objects.requireNonNull(plan, "plan");
    returned = List.copyOf(returned);
  }
}

package io.simmim.operators.source.enumerator;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.UserError;
import io.simmim.schemas.text.KebabCase;
import java.util.Objects;

/**
 * The images of a catalog, epoch after epoch. Which ones a chunk holds depends on (seed, shuffle,
 * catalog, plan) alone, and a checkpoint with another one of these is refused.
 *
 * @param catalog a stored catalog; job manager and task managers must reach its path
 * @param plan that covers its images
 * @param seed the run's seed
 * @param shuffle how epochs are put in order
 */
public record ListedImages(CatalogReference catalog, BatchPlan plan, long seed, Shuffle shuffle)
    implements ChunkPlans.Factory {
  public ListedImages {
    Objects.requireNonNull(shuffle, "shuffle");
    if (catalog.size() != plan.images()) {
      throw new IllegalArgumentException(
          "the plan must cover the %d images of the catalog: %d"
              .formatted(catalog.size(), plan.images()));
    }
  }

  @Override
  public PlanState.Listed initial() {
    return new PlanState.Listed(seed, shuffle, catalog, plan);
  }

  @Override
  public ChunkPlans open(PlanState state) {
    if (!(state instanceof PlanState.Listed before)) {
      throw new UserError(
          "cannot resume: the checkpoint is one of a continuous run (--follow, --events)");
    }
    new Differences()
        .compare("catalog digest", before.catalog().digest(), catalog.digest())
        .compare("seed", before.seed(), seed)
        .compare("shuffle", KebabCase.of(before.shuffle()), KebabCase.of(shuffle))
        .compare("images", before.plan().images(), plan.images())
        .compare("epochs", before.plan().epochs(), plan.epochs())
        .compare("micro-batch", before.plan().microBatch(), plan.microBatch())
        .compare("accumulation", before.plan().accumulation(), plan.accumulation())
        .compare("chunk-images", before.plan().chunkImages(), plan.chunkImages())
        .requireNone();
    return new CatalogPlans(
        catalog, initial(), loaded -> new ChunkPlanner(loaded, plan, seed, shuffle)::split);
  }
}

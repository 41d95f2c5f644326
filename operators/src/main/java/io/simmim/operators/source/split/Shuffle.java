package io.simmim.operators.source.split;

import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.random.KeyedPermutation;

/** How the images of an epoch are put in order, anew for each epoch. */
public enum Shuffle {
  /** Every image by itself. */
  SAMPLE,
  /** A chunk holds neighbours in the catalog, so that it takes one request per tar shard. */
  BLOCK;

  /** The order of an epoch: a pure function of (seed, epoch, plan). */
  public SampleOrder order(long seed, int epoch, BatchPlan plan) {
    return switch (this) {
      case SAMPLE -> new KeyedPermutation(seed, epoch, plan.images())::imageAt;
      case BLOCK -> new BlockPermutation(seed, epoch, plan.images(), plan.chunkImages());
    };
  }
}

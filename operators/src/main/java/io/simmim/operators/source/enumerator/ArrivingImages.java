package io.simmim.operators.source.enumerator;

import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.BatchPlan;
import io.simmim.schemas.UserError;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Images that keep arriving: each once as a new one, mixed with older ones. Which ones a chunk
 * holds follows from the log of arrivals, to which a checkpoint refers. A checkpoint of another
 * seed, replay share or batch is refused.
 *
 * @param config where they come from
 * @param plan of a continuous run
 * @param fetch how shards are read to learn what they hold
 */
public record ArrivingImages(ArrivalSourceConfig config, BatchPlan plan, FetchConfig fetch)
    implements ChunkPlans.Factory {
  public ArrivingImages {
    Objects.requireNonNull(config, "config");
    Objects.requireNonNull(fetch, "fetch");
    if (!plan.isContinuous()) {
      throw new IllegalArgumentException("the plan must be one of a continuous run: " + plan);
    }
  }

  @Override
  public Shuffle shuffle() {
    return Shuffle.SAMPLE;
  }

  @Override
  public PlanState.Arriving initial() {
    return new PlanState.Arriving(
        Optional.empty(),
        new ArrivalLogHeader(
            config.seed(), config.replayShare(), plan.chunkImages(), plan.chunksPerStep()),
        plan.microBatch(),
        plan.accumulation(),
        "",
        Map.of());
  }

  @Override
  public ChunkPlans open(PlanState state) {
    if (!(state instanceof PlanState.Arriving before)) {
      throw new UserError(
          "cannot resume: the checkpoint is one of a run over a catalog (without --follow, --events)");
    }
    ArrivalLogHeader header = before.header();
    new Differences()
        .compare("seed", header.seed(), config.seed())
        .compare("replay-share", header.replayShare(), config.replayShare())
        .compare("micro-batch", before.microBatch(), plan.microBatch())
        .compare("accumulation", before.accumulation(), plan.accumulation())
        .compare("chunk-images", header.chunkImages(), plan.chunkImages())
        .requireNone();
    return new ArrivalPlans(this, before);
  }
}

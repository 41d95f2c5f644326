package io.simmim.operators.source.enumerator;

import io.simmim.operators.arrival.EventSource;
import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ArrivalLogReference;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.BatchPlan;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * From what the images of every chunk follow. A checkpoint keeps it instead of the images
 * themselves.
 */
public sealed interface PlanState {
  /**
   * The images of a catalog.
   *
   * @param seed the run's seed
   * @param shuffle how epochs are put in order
   * @param catalog the images of the run
   * @param plan how they are cut into chunks
   */
  record Listed(long seed, Shuffle shuffle, CatalogReference catalog, BatchPlan plan)
      implements PlanState {
    public Listed {
      Objects.requireNonNull(shuffle, "shuffle");
      Objects.requireNonNull(catalog, "catalog");
      Objects.requireNonNull(plan, "plan");
    }
  }

  /**
   * Images that keep arriving.
   *
   * @param log what arrived and was decided; empty before the first checkpoint
   * @param header the log's: seed, replay share and chunk size
   * @param microBatch images per micro-batch
   * @param accumulation micro-batches per optimizer step
   * @param topic the topic or queue of the offsets, see {@link EventSource}; empty if there is none
   * @param offsets the next offset to read of each of its partitions
   */
  record Arriving(
      Optional<ArrivalLogReference> log,
      ArrivalLogHeader header,
      int microBatch,
      int accumulation,
      String topic,
      Map<Integer, Long> offsets)
      implements PlanState {
    public Arriving {
      Objects.requireNonNull(log, "log");
      Objects.requireNonNull(header, "header");
      Objects.requireNonNull(topic, "topic");
      offsets = Map.copyOf(offsets);
      offsets.forEach(
          (partition, offset) -> {
            if (partition < 0 || offset < 0) {
              throw new IllegalArgumentException(
                  "partition and offset must not be negative: %d, %d".formatted(partition, offset));
            }
          });
    }
  }
}

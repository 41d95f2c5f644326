package io.simmim.operators.source.enumerator;

import io.simmim.operators.arrival.log.ArrivalLogHeader;
import io.simmim.operators.arrival.log.ArrivalLogReference;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.source.split.Shuffle;
import io.simmim.schemas.BatchPlan;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What a checkpoint keeps of the enumerator. */
public sealed interface ChunkEnumeratorState {
  /** Images that must not be decoded any more: by sample id why, in one line. */
  Map<Long, String> refused();

  /** The same with other refused images. */
  ChunkEnumeratorState withRefused(Map<Long, String> images);

  /**
   * How far a run has come. The images of a chunk are not part of it: they follow from seed,
   * shuffle, catalog and plan.
   *
   * @param seed the run's seed
   * @param shuffle how epochs are put in order
   * @param catalog the images of the run
   * @param plan how they are cut into chunks
   * @param nextChunk the first chunk never handed out
   * @param returned chunks below it that no reader holds, ascending
   * @param refused images that must not be decoded any more
   */
  record Progress(
      long seed,
      Shuffle shuffle,
      CatalogReference catalog,
      BatchPlan plan,
      long nextChunk,
      List<Long> returned,
      Map<Long, String> refused)
      implements ChunkEnumeratorState {
    public Progress {
      refused = Map.copyOf(refused);
      Objects.requireNonNull(shuffle, "shuffle");
      Objects.requireNonNull(catalog, "catalog");
      Objects.requireNonNull(plan, "plan");
      returned = List.copyOf(returned);
      requirePosition(nextChunk, returned);
    }

    /** A run without refused images. */
    public Progress(
        long seed,
        Shuffle shuffle,
        CatalogReference catalog,
        BatchPlan plan,
        long nextChunk,
        List<Long> returned) {
      this(seed, shuffle, catalog, plan, nextChunk, returned, Map.of());
    }

    @Override
    public Progress withRefused(Map<Long, String> images) {
      return new Progress(seed, shuffle, catalog, plan, nextChunk, returned, images);
    }
  }

  /**
   * How far a continuous run has come. The images of a chunk follow from the log.
   *
   * @param log what arrived and was decided; empty before the first checkpoint
   * @param header the log's: seed, replay share and chunk size
   * @param microBatch images per micro-batch
   * @param accumulation micro-batches per optimizer step
   * @param nextChunk the first chunk never handed out
   * @param returned chunks below it that no reader holds, ascending
   * @param topic the Kafka topic of the offsets; empty if there is none
   * @param offsets the next offset to read of each of its partitions
   * @param refused images that must not be decoded any more
   */
  record Continuous(
      Optional<ArrivalLogReference> log,
      ArrivalLogHeader header,
      int microBatch,
      int accumulation,
      long nextChunk,
      List<Long> returned,
      String topic,
      Map<Integer, Long> offsets,
      Map<Long, String> refused)
      implements ChunkEnumeratorState {
    public Continuous {
      Objects.requireNonNull(log, "log");
      Objects.requireNonNull(header, "header");
      Objects.requireNonNull(topic, "topic");
      returned = List.copyOf(returned);
      offsets = Map.copyOf(offsets);
      refused = Map.copyOf(refused);
      requirePosition(nextChunk, returned);
      offsets.forEach(
          (partition, offset) -> {
            if (partition < 0 || offset < 0) {
              throw new IllegalArgumentException(
                  "partition and offset must not be negative: %d, %d".formatted(partition, offset));
            }
          });
    }

    /** A run without refused images. */
    public Continuous(
        Optional<ArrivalLogReference> log,
        ArrivalLogHeader header,
        int microBatch,
        int accumulation,
        long nextChunk,
        List<Long> returned,
        String topic,
        Map<Integer, Long> offsets) {
      this(log, header, microBatch, accumulation, nextChunk, returned, topic, offsets, Map.of());
    }

    @Override
    public Continuous withRefused(Map<Long, String> images) {
      return new Continuous(
          log, header, microBatch, accumulation, nextChunk, returned, topic, offsets, images);
    }
  }

  /**
   * Bytes that this build cannot read. Flink 2.3 loses exceptions thrown while a coordinator is
   * restored, and the job would wait for ever; so the problem travels on, and the enumerator tells
   * it when it starts.
   *
   * @param problem one line for people
   */
  record Unreadable(String problem) implements ChunkEnumeratorState {
    public Unreadable {
      Objects.requireNonNull(problem, "problem");
    }

    @Override
    public Map<Long, String> refused() {
      return Map.of();
    }

    @Override
    public Unreadable withRefused(Map<Long, String> images) {
      return this;
    }
  }

  private static void requirePosition(long nextChunk, List<Long> returned) {
    long last = -1;
    for (long chunk : returned) {
      if (chunk <= last) {
        throw new IllegalArgumentException("returned chunks must ascend from 0: " + returned);
      }
      last = chunk;
    }
    if (last >= nextChunk || nextChunk < 0) {
      throw new IllegalArgumentException(
          "returned chunks must be below the next one %d: %s".formatted(nextChunk, returned));
    }
  }
}

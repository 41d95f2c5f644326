package io.simmim.operators.arrival;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What one poll of a feed found.
 *
 * @param arrivals in the order of the feed
 * @param offsets the next offset to read of each Kafka partition that moved, or {@link #GIVEN_UP};
 *     of a queue, which has none, 0 of a partition 0 once it was read
 * @param skipped number of events that were not used, by reason; the reasons are a fixed few
 * @param sourceId of which topic the offsets are from now on, see {@link FeedPosition#sourceId};
 *     empty if it is the one as before
 */
public record ArrivalBatch(
    List<Arrival> arrivals,
    Map<Integer, Long> offsets,
    Map<String, Long> skipped,
    String sourceId) {
  /** In place of an offset: the partition is no more, and nobody waits for it. */
  public static final long GIVEN_UP = -1;

  /** Nothing came. */
  public static final ArrivalBatch EMPTY = new ArrivalBatch(List.of(), Map.of(), Map.of());

  /** What a poll found in the source as before. */
  public ArrivalBatch(
      List<Arrival> arrivals, Map<Integer, Long> offsets, Map<String, Long> skipped) {
    this(arrivals, offsets, skipped, "");
  }

  /** Brings offsets, by partition, to where a batch has moved them. */
  public static void move(Map<Integer, Long> offsets, Map<Integer, Long> moved) {
    moved.forEach(
        (partition, next) -> {
          if (next == GIVEN_UP) {
            offsets.remove(partition);
          } else {
            offsets.put(partition, next);
          }
        });
  }

  public ArrivalBatch {
    arrivals = List.copyOf(arrivals);
    offsets = Map.copyOf(offsets);
    skipped = Map.copyOf(skipped);
    Objects.requireNonNull(sourceId, "sourceId");
  }
}

package io.simmim.operators.arrival;

import java.util.List;
import java.util.Map;

/**
 * What one poll of a feed found.
 *
 * @param arrivals in the order of the feed
 * @param offsets the next offset to read of each Kafka partition that moved; empty for feeds
 *     without offsets
 * @param skipped number of events that were not used, by reason; the reasons are a fixed few
 */
public record ArrivalBatch(
    List<Arrival> arrivals, Map<Integer, Long> offsets, Map<String, Long> skipped) {
  /** Nothing came. */
  public static final ArrivalBatch EMPTY = new ArrivalBatch(List.of(), Map.of(), Map.of());

  public ArrivalBatch {
    arrivals = List.copyOf(arrivals);
    offsets = Map.copyOf(offsets);
    skipped = Map.copyOf(skipped);
  }
}

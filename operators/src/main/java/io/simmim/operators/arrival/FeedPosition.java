package io.simmim.operators.arrival;

import java.util.Map;
import java.util.Objects;

/**
 * Up to where a feed was read, as a checkpoint has it.
 *
 * @param sourceId what tells the topic from others that have its name before or after it; empty
 *     where that is not known
 * @param offsets see {@link ArrivalBatch#offsets}
 */
public record FeedPosition(String sourceId, Map<Integer, Long> offsets) {
  /** Nothing was read. */
  public static final FeedPosition NONE = new FeedPosition("", Map.of());

  public FeedPosition {
    Objects.requireNonNull(sourceId, "sourceId");
    offsets = Map.copyOf(offsets);
  }
}

package io.simmim.operators.arrival.feed;

import java.io.Serializable;
import java.util.List;
import java.util.Map;

/** Where events come from and how they are read: a topic of Kafka, or a queue of SQS. */
public interface EventFeedConfig extends Serializable {
  /** The URI of topic or queue, by which a checkpoint knows whether it is the same one. */
  String source();

  /**
   * Makes the feed, without contacting anybody.
   *
   * @param offsets those of the checkpoint, see {@link
   *     io.simmim.operators.arrival.ArrivalBatch#offsets}; empty for a new run, or another source
   * @param roots the input
   * @throws io.simmim.schemas.UserError if the configuration is not to be used
   */
  ArrivalFeed open(Map<Integer, Long> offsets, List<String> roots);
}

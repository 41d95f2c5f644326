package io.simmim.operators.arrival.feed;

import io.simmim.operators.arrival.notification.S3Notifications;
import java.io.Serializable;
import java.util.Map;

/** Where events come from and how they are read: a topic of Kafka, or a queue of SQS. */
public interface EventFeedConfig extends Serializable {
  /** The URI of topic or queue, by which a checkpoint knows whether it is the same one. */
  String source();

  /**
   * Whether offsets of another source are those of this one.
   *
   * @param source as {@link #source} gave it to a checkpoint
   */
  boolean continues(String source);

  /**
   * Makes the feed, without contacting anybody.
   *
   * @param offsets those of the checkpoint, see {@link
   *     io.simmim.operators.arrival.ArrivalBatch#offsets}; empty for a new run, or another source
   * @param notifications reads what messages tell of the input
   * @throws io.simmim.schemas.UserError if the configuration is not to be used
   */
  ArrivalFeed open(Map<Integer, Long> offsets, S3Notifications notifications);
}

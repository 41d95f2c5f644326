package io.simmim.operators.arrival.feed;

import io.simmim.operators.arrival.FeedPosition;
import io.simmim.operators.arrival.notification.S3Notifications;
import java.io.Serializable;

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
   * @param position that of the checkpoint; {@link FeedPosition#NONE} for a new run, or another
   *     source
   * @param notifications reads what messages tell of the input
   * @throws io.simmim.schemas.UserError if the configuration is not to be used
   */
  ArrivalFeed open(FeedPosition position, S3Notifications notifications);
}

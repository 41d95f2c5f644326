package io.simmim.operators.arrival.feed;

import io.simmim.operators.arrival.FeedPosition;
import io.simmim.operators.arrival.notification.S3Notifications;
import io.simmim.operators.sqs.SqsQueue;
import java.util.Objects;

/** How a queue is read: there is nothing to choose. */
public record SqsFeedConfig(SqsQueue queue) implements EventFeedConfig {
  public SqsFeedConfig {
    Objects.requireNonNull(queue, "queue");
  }

  @Override
  public String source() {
    return queue.toString();
  }

  @Override
  public boolean continues(String source) {
    return source.equals(source());
  }

  @Override
  public ArrivalFeed open(FeedPosition position, S3Notifications notifications) {
    return new SqsFeed(queue, !position.offsets().isEmpty(), notifications);
  }
}

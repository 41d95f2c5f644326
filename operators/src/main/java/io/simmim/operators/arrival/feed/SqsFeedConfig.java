package io.simmim.operators.arrival.feed;

import io.simmim.operators.sqs.SqsQueue;
import java.util.List;
import java.util.Map;
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
  public ArrivalFeed open(Map<Integer, Long> offsets, List<String> roots) {
    return new SqsFeed(queue, !offsets.isEmpty(), roots);
  }
}

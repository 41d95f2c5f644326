package io.simmim.pipeline.config;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.simmim.operators.arrival.WhenIdle;
import io.simmim.operators.arrival.feed.EventFeedConfig;
import io.simmim.operators.arrival.feed.KafkaFeed;
import io.simmim.operators.arrival.feed.KafkaFeedConfig;
import io.simmim.operators.arrival.feed.SqsFeedConfig;
import io.simmim.operators.kafka.KafkaTopic;
import io.simmim.operators.sqs.SqsQueue;
import io.simmim.schemas.UserError;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Training on images that keep arriving.
 *
 * @param follow whether the inputs are listed again and again
 * @param followInterval time between two listings
 * @param events topic or queue of S3 notifications, {@code kafka://…} or {@code sqs://…}; null for
 *     none
 * @param eventsStart where a new run begins to read a topic
 * @param lostEvents what to do when Kafka has deleted events that were not read
 * @param replayShare share of older images among those trained on
 * @param whenIdle what to do while too little arrives
 * @param maxWaiting images that may wait before no more are taken in
 * @param epochSteps optimizer steps that count as an epoch
 * @param decaySteps steps of the decay that ends the run; 0 goes on for ever
 */
public record ContinuousConfig(
    boolean follow,
    Duration followInterval,
    String events,
    KafkaFeed.Start eventsStart,
    KafkaFeed.LostEvents lostEvents,
    double replayShare,
    WhenIdle whenIdle,
    int maxWaiting,
    int epochSteps,
    long decaySteps) {
  /** Years of the fastest steps. */
  private static final long LONGEST_DECAY = 1_000_000_000;

  public ContinuousConfig {
    Objects.requireNonNull(followInterval, "followInterval");
    Objects.requireNonNull(eventsStart, "eventsStart");
    Objects.requireNonNull(lostEvents, "lostEvents");
    Objects.requireNonNull(whenIdle, "whenIdle");
    if (followInterval.toMillis() < 1) {
      throw new IllegalArgumentException(
          "continuous.follow-interval must be at least 1ms: %dms"
              .formatted(followInterval.toMillis()));
    }
    if (events != null) {
      try {
        eventFeed(events, Map.of(), eventsStart, lostEvents);
      } catch (UserError e) {
        throw new IllegalArgumentException("continuous.events: " + e.getMessage(), e);
      }
    }
    if (!(replayShare >= 0 && replayShare < 1)) {
      throw new IllegalArgumentException(
          "continuous.replay-share must be at least 0 and below 1: " + replayShare);
    }
    if (maxWaiting < 1 || epochSteps < 1) {
      throw new IllegalArgumentException(
          "continuous.max-waiting and continuous.epoch-steps must be at least 1: %d, %d"
              .formatted(maxWaiting, epochSteps));
    }
    if (decaySteps < 0 || decaySteps > LONGEST_DECAY) {
      throw new IllegalArgumentException(
          "continuous.decay-steps must be from 0 to %d: %d".formatted(LONGEST_DECAY, decaySteps));
    }
  }

  /** Feeds that wait for room would wait for ever where too few images wait for a chunk. */
  void requireRoomFor(int chunkImages) {
    if (maxWaiting < chunkImages) {
      throw new IllegalArgumentException(
          "continuous.max-waiting must be at least the %d images of a chunk: %d"
              .formatted(chunkImages, maxWaiting));
    }
  }

  /**
   * How events are read; empty if none are.
   *
   * @param kafka what Kafka's clients are told
   */
  public Optional<EventFeedConfig> eventFeed(KafkaOptions kafka) {
    return Optional.ofNullable(events)
        .map(uri -> eventFeed(uri, kafka.values(), eventsStart, lostEvents));
  }

  private static EventFeedConfig eventFeed(
      String uri, Map<String, String> kafka, KafkaFeed.Start start, KafkaFeed.LostEvents lost) {
    if (uri.startsWith(KafkaTopic.SCHEME)) {
      return new KafkaFeedConfig(KafkaTopic.parse(uri), kafka, start, lost);
    }
    if (!uri.startsWith(SqsQueue.SCHEME)) {
      throw new UserError(
          "not the URI of a topic or queue: %s (allowed: %s, %s)"
              .formatted(uri, KafkaTopic.ALLOWED, SqsQueue.ALLOWED));
    }
    SqsQueue queue = SqsQueue.parse(uri);
    if (start == KafkaFeed.Start.LATEST) {
      throw new UserError(
          "a queue has no end to begin at: continuous.events-start must be earliest for %s"
              .formatted(queue));
    }
    return new SqsFeedConfig(queue);
  }

  /** Whether the run is a continuous one, or the end of one. */
  @JsonIgnore
  public boolean isOn() {
    return follow || events != null || decaySteps > 0;
  }
}

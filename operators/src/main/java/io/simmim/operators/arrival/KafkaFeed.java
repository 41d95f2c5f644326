package io.simmim.operators.arrival;

import io.simmim.schemas.UserError;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * S3 notifications from a topic of Kafka, those of a partition in order. Where to read is told by
 * the caller's offsets alone: there is no consumer group, and nothing is committed to Kafka.
 *
 * <ol>
 *   <li>The first poll that reaches a broker finds the partitions. Those with a restored offset
 *       begin there. Without any restored offset the run is new, and all begin where {@link Start}
 *       says. Where each begins is part of the first batch's offsets, so that a restored feed knows
 *       which partitions there were.
 *   <li>Partitions that are added later begin at their beginning; they are found within {@code
 *       metadata.max.age.ms}.
 *   <li>Brokers that are away are waited for: polls find nothing. A poll that has to ask for
 *       partitions or offsets may take {@link #ASK_LIMIT} longer than its timeout.
 *   <li>Offsets that Kafka has deleted end the feed, or are counted and passed over, as {@link
 *       LostEvents} says.
 * </ol>
 *
 * <p>Confined to one thread at a time. A poll ends soon after its thread is interrupted.
 */
public final class KafkaFeed implements ArrivalFeed {
  /** Where a new run begins to read. */
  public enum Start {
    EARLIEST,
    LATEST
  }

  /** What is done about events that Kafka deleted before they were read. */
  public enum LostEvents {
    FAIL,
    CONTINUE
  }

  static final String LOST = "lost events";

  private static final Logger LOG = LoggerFactory.getLogger(KafkaFeed.class);
  private static final Duration ASK_LIMIT = Duration.ofSeconds(5);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  /** A broker that has just started may not know its topics yet. */
  private static final Duration UNKNOWN_LIMIT = Duration.ofSeconds(30);

  private final KafkaTopic topic;
  private final Start start;
  private final LostEvents lostEvents;
  private final Map<Integer, Long> restored;
  private final S3Notifications notifications;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Metric connections;
  private Set<TopicPartition> assigned = Set.of();
  private boolean away;
  private long unknownSinceNanos;

  /**
   * Makes a client without contacting any broker.
   *
   * @param options what the client is told, by Kafka's own keys
   * @param restored next offset to read of each partition, from the checkpoint; empty for a new run
   * @param roots the input, see {@link S3Notifications}
   * @throws UserError if the client cannot be made with these options
   */
  public KafkaFeed(
      KafkaTopic topic,
      Map<String, String> options,
      Start start,
      LostEvents lostEvents,
      Map<Integer, Long> restored,
      List<String> roots) {
    this.topic = topic;
    this.start = start;
    this.lostEvents = lostEvents;
    this.restored = Map.copyOf(restored);
    this.notifications = new S3Notifications(roots);
    this.consumer = KafkaClients.consumer(topic, options);
    this.connections =
        consumer.metrics().entrySet().stream()
            .filter(
                metric ->
                    metric.getKey().name().equals("connection-count")
                        && metric.getKey().group().equals("consumer-metrics"))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElseThrow();
  }

  @Override
  public ArrivalBatch poll(Duration timeout) throws IOException, InterruptedException {
    Findings findings = new Findings();
    try {
      if (assigned.isEmpty() || !away) {
        assignNewPartitions(findings);
      }
      if (!assigned.isEmpty()) {
        read(timeout, findings);
      }
      noteConnection();
    } catch (InterruptException e) {
      Thread.interrupted(); // set again by the client; the exception says it
      throw (InterruptedException)
          new InterruptedException("interrupted while reading " + topic).initCause(e);
    } catch (RetriableException e) {
      goneAway(e.getMessage());
    } catch (KafkaException e) {
      throw KafkaFailure.of("read", topic, e);
    }
    return findings.batch();
  }

  private void read(Duration timeout, Findings findings) {
    ConsumerRecords<byte[], byte[]> records;
    try {
      records = consumer.poll(timeout);
    } catch (OffsetOutOfRangeException e) {
      passOver(e.offsetOutOfRangePartitions(), findings);
      return;
    }
    for (ConsumerRecord<byte[], byte[]> event : records) {
      findings.add(
          notifications.parse(
              event.value(),
              "%s/%d@%d".formatted(event.topic(), event.partition(), event.offset())));
    }
    records
        .nextOffsets()
        .forEach((partition, next) -> findings.offsets.put(partition.partition(), next.offset()));
  }

  /** Asks the client's view of the cluster, which it renews by itself. */
  private void assignNewPartitions(Findings findings) {
    List<PartitionInfo> partitions = consumer.partitionsFor(topic.topic(), ASK_LIMIT);
    if (partitions == null || partitions.isEmpty()) {
      requireKnown();
      return;
    }
    unknownSinceNanos = 0;
    List<TopicPartition> added = new ArrayList<>();
    for (PartitionInfo partition : partitions) {
      TopicPartition found = new TopicPartition(topic.topic(), partition.partition());
      if (!assigned.contains(found)) {
        added.add(found);
      }
    }
    if (!added.isEmpty()) {
      assign(added, findings);
    }
  }

  private void assign(List<TopicPartition> added, Findings findings) {
    boolean first = assigned.isEmpty();
    Map<TopicPartition, Long> starts =
        first && restored.isEmpty() && start == Start.LATEST
            ? consumer.endOffsets(added, ASK_LIMIT)
            : consumer.beginningOffsets(added, ASK_LIMIT);
    if (first) {
      requirePartitions(added);
    }
    Set<TopicPartition> all = new HashSet<>(assigned);
    all.addAll(added);
    consumer.assign(all);
    for (TopicPartition partition : added) {
      long begin =
          first && restored.containsKey(partition.partition())
              ? restored.get(partition.partition())
              : starts.get(partition);
      consumer.seek(partition, begin);
      findings.offsets.put(partition.partition(), begin);
      LOG.info("reading {} from offset {}", partition, begin);
    }
    assigned = all;
  }

  /** Partitions only become more, unless the topic was deleted and created anew. */
  private void requirePartitions(List<TopicPartition> found) {
    Set<Integer> missing = new TreeSet<>(restored.keySet());
    found.forEach(partition -> missing.remove(partition.partition()));
    if (missing.isEmpty()) {
      return;
    }
    String what =
        "topic %s has no partition %s any more, of which a part was read"
            .formatted(topic.topic(), missing);
    if (lostEvents == LostEvents.FAIL) {
      throw new UserError(what + howToGoOn());
    }
    LOG.warn("{}", what);
  }

  private void requireKnown() {
    long now = System.nanoTime();
    if (assigned.isEmpty()) {
      throw KafkaFailure.unknown(topic, null);
    }
    if (unknownSinceNanos == 0) {
      unknownSinceNanos = now;
    } else if (now - unknownSinceNanos > UNKNOWN_LIMIT.toNanos()) {
      throw KafkaFailure.unknown(topic, null);
    }
  }

  /** Goes on at the earliest offset that Kafka still has, or fails. */
  private void passOver(Map<TopicPartition, Long> wanted, Findings findings) {
    Map<TopicPartition, Long> earliest = consumer.beginningOffsets(wanted.keySet(), ASK_LIMIT);
    wanted.forEach(
        (partition, offset) -> {
          long first = earliest.get(partition);
          String what =
              "Kafka does not have offset %d of %s any more, its earliest is %d"
                  .formatted(offset, partition, first);
          if (lostEvents == LostEvents.FAIL) {
            throw new UserError(what + howToGoOn());
          }
          LOG.warn("{}: going on there", what);
          consumer.seek(partition, first);
          findings.offsets.put(partition.partition(), first);
          // An offset behind the end belongs to an earlier topic of that name: nobody can count.
          findings.skipped.merge(LOST, Math.max(1, first - offset), Long::sum);
        });
  }

  private static String howToGoOn() {
    return "; events were lost, --set continuous.lost-events=continue goes on without them";
  }

  /** The client does not tell that brokers are away, it finds nothing; but it has no connection. */
  private void noteConnection() {
    if (((Number) connections.metricValue()).doubleValue() > 0) {
      if (away) {
        LOG.info("Kafka at {} is back", topic.brokers());
      }
      away = false;
    } else {
      goneAway("no connection");
    }
  }

  private void goneAway(String reason) {
    if (!away) {
      LOG.warn("Kafka at {} cannot be reached, waiting for it: {}", topic.brokers(), reason);
    }
    away = true;
  }

  /** Called by the polling thread. */
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted(); // or the client would leave its connections open
    try {
      consumer.close(CloseOptions.timeout(CLOSE_LIMIT));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static final class Findings {
    private final List<Arrival> arrivals = new ArrayList<>();
    private final Map<Integer, Long> offsets = new HashMap<>();
    private final Map<String, Long> skipped = new TreeMap<>();

    void add(ArrivalBatch message) {
      arrivals.addAll(message.arrivals());
      message.skipped().forEach((reason, count) -> skipped.merge(reason, count, Long::sum));
    }

    ArrivalBatch batch() {
      return new ArrivalBatch(arrivals, offsets, skipped);
    }
  }
}

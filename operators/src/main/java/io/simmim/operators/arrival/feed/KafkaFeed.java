package io.simmim.operators.arrival.feed;

import io.simmim.operators.arrival.ArrivalBatch;
import io.simmim.operators.arrival.FeedPosition;
import io.simmim.operators.arrival.notification.S3Notifications;
import io.simmim.operators.kafka.KafkaClients;
import io.simmim.operators.kafka.KafkaFailure;
import io.simmim.operators.kafka.KafkaTopic;
import io.simmim.operators.kafka.TopicIds;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
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
 *   <li>A topic that was read before, and is unknown now or may not be read, or has fewer
 *       partitions, is waited for as long as {@link #PATIENCE}: brokers that restart, or get other
 *       rules, say so for a moment. Then it ends the feed. A new run is told at once. Only time in
 *       which it was asked for counts ({@link Patience}).
 *   <li>Offsets that Kafka has deleted end the feed, or are counted and passed over, as {@link
 *       LostEvents} says. Offsets behind the end belong to an earlier topic of that name, and so do
 *       partitions that are no more. These are told by {@link ArrivalBatch#GIVEN_UP}, so that no
 *       restored feed waits for them.
 *   <li>A topic whose id is not the one that it had was deleted and created anew: it has as many
 *       events before the offset as after it, for all that is known. It ends the feed, or is read
 *       from its beginning. Brokers are asked as often as the client looks for partitions, and
 *       before offsets or partitions are given up.
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

  private static final String HOW_TO_GO_ON =
      "; events were lost, --set continuous.lost-events=continue goes on without them";

  private static final Logger LOG = LoggerFactory.getLogger(KafkaFeed.class);
  private static final Duration ASK_LIMIT = Duration.ofSeconds(5);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  /** How long what may pass is waited for. */
  public static final Duration PATIENCE = Duration.ofMinutes(5);

  private final KafkaTopic topic;
  private final Start start;
  private final LostEvents lostEvents;

  /** Where partitions begin that were read before and are not assigned yet. */
  private final Map<Integer, Long> restored;

  private final S3Notifications notifications;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final BrokerContact contact;
  private final TopicIds ids;
  private final Patience patience;

  /** Which topic it is; empty until brokers have told. */
  private String topicId;

  /** Whether no topic of the name was read yet. */
  private boolean isNew;

  private Set<TopicPartition> assigned = Set.of();
  private boolean troubled;

  /**
   * Makes a client without contacting any broker.
   *
   * @param options what the client is told, by Kafka's own keys
   * @param restored where to read on, from the checkpoint; {@link FeedPosition#NONE} for a new run
   * @param notifications reads what events tell
   * @param patience how long what may pass is waited for; {@link #PATIENCE} outside of tests
   * @throws UserError if the client cannot be made with these options
   */
  public KafkaFeed(
      KafkaTopic topic,
      Map<String, String> options,
      Start start,
      LostEvents lostEvents,
      FeedPosition restored,
      S3Notifications notifications,
      Duration patience) {
    this.patience = new Patience(patience);
    this.topic = topic;
    this.start = start;
    this.lostEvents = lostEvents;
    this.isNew = restored.equals(FeedPosition.NONE);
    this.topicId = restored.sourceId();
    this.restored = new TreeMap<>(restored.offsets());
    this.notifications = notifications;
    this.consumer = KafkaClients.consumer(topic, options);
    this.ids = new TopicIds(topic, options);
    this.contact = new BrokerContact(topic, consumer);
  }

  @Override
  public ArrivalBatch poll(Duration timeout) throws IOException, InterruptedException {
    Findings findings = new Findings();
    troubled = false;
    try {
      if (assigned.isEmpty() || !contact.isDisconnected()) {
        assignNewPartitions(findings);
      }
      if (!assigned.isEmpty()) {
        read(timeout, findings);
      } else {
        Thread.sleep(timeout.toMillis()); // brokers answer at once that there is no such topic
      }
      contact.look();
      if (!troubled && !contact.isDisconnected()) {
        patience.renew();
      }
    } catch (InterruptException e) {
      Thread.interrupted(); // set again by the client; the exception says it
      throw (InterruptedException)
          new InterruptedException("interrupted while reading " + topic).initCause(e);
    } catch (RetriableException e) {
      contact.lose(e.getMessage());
    } catch (KafkaException e) {
      if (!KafkaFailure.mayPass(e)) {
        throw KafkaFailure.of("read", topic, e);
      }
      waitOrEnd(KafkaFailure.refused("read", topic, e));
      Thread.sleep(timeout.toMillis()); // the client answers at once
    }
    return findings.batch();
  }

  /** Waits for what may pass, if the topic was read before and for some time. */
  private void waitOrEnd(UserError trouble) {
    boolean begins = isNew && assigned.isEmpty();
    boolean isNews = !patience.isTried();
    if (begins || patience.ends(System.nanoTime())) {
      throw trouble;
    }
    troubled = true;
    if (isNews) {
      LOG.warn("{}; this may pass and is waited for, {} at most", trouble.getMessage(), patience);
    }
  }

  private void read(Duration timeout, Findings findings) throws InterruptedException {
    ConsumerRecords<byte[], byte[]> records;
    try {
      records = consumer.poll(timeout);
    } catch (OffsetOutOfRangeException e) {
      if (!beginAnewIfAnother(ids.ask(), findings)) {
        passOver(e.offsetOutOfRangePartitions(), findings);
      }
      return;
    }
    for (ConsumerRecord<byte[], byte[]> event : records) {
      findings.add(
          notifications.parse(
              event.value(),
              String.format(
                  Locale.ROOT, "%s/%d@%d", event.topic(), event.partition(), event.offset())));
    }
    records
        .nextOffsets()
        .forEach((partition, next) -> findings.move(partition.partition(), next.offset()));
  }

  /** Asks the client's view of the cluster, which it renews by itself. */
  private void assignNewPartitions(Findings findings) throws InterruptedException {
    List<PartitionInfo> partitions = consumer.partitionsFor(topic.topic(), ASK_LIMIT);
    if (partitions == null || partitions.isEmpty()) {
      waitOrEnd(KafkaFailure.unknown(topic, null));
      return;
    }
    beginAnewIfAnother(ids.askNowAndThen(), findings);
    Set<TopicPartition> found = new HashSet<>();
    for (PartitionInfo partition : partitions) {
      found.add(new TopicPartition(topic.topic(), partition.partition()));
    }
    List<TopicPartition> added =
        found.stream()
            .filter(partition -> !assigned.contains(partition))
            .sorted(Comparator.comparing(TopicPartition::partition))
            .toList();
    if (!added.isEmpty()) {
      assign(added, findings);
    }
    requirePartitions(found, findings);
  }

  /**
   * Offsets of an earlier topic of the name say nothing about this one.
   *
   * @param told the id of the topic, if brokers tell it now
   * @return whether it is another one, and is read from its beginning from now on
   */
  private boolean beginAnewIfAnother(Optional<String> told, Findings findings) {
    String id = told.orElse(topicId);
    if (id.equals(topicId)) {
      return false;
    }
    boolean isKnown = !topicId.isEmpty();
    if (isKnown) {
      String what =
          "topic %s was deleted and created anew since it was read (its id was %s and is %s)"
              .formatted(topic.topic(), topicId, id);
      if (lostEvents == LostEvents.FAIL) {
        throw new UserError(what + HOW_TO_GO_ON);
      }
      LOG.warn("{}: reading it from its beginning", what);
      restored.keySet().forEach(partition -> findings.move(partition, ArrivalBatch.GIVEN_UP));
      assigned.forEach(partition -> findings.move(partition.partition(), ArrivalBatch.GIVEN_UP));
      restored.clear();
      assigned = Set.of();
      consumer.assign(assigned);
      isNew = false;
      findings.skip(LOST, 1); // nobody can count
    }
    topicId = id;
    findings.sourceIs(id);
    return isKnown;
  }

  private void assign(List<TopicPartition> added, Findings findings) {
    Map<TopicPartition, Long> starts =
        isNew && assigned.isEmpty() && start == Start.LATEST
            ? consumer.endOffsets(added, ASK_LIMIT)
            : consumer.beginningOffsets(added, ASK_LIMIT);
    Set<TopicPartition> all = new HashSet<>(assigned);
    all.addAll(added);
    consumer.assign(all);
    for (TopicPartition partition : added) {
      Long before = restored.remove(partition.partition());
      long begin = before != null ? before : starts.get(partition);
      consumer.seek(partition, begin);
      findings.move(partition.partition(), begin);
      LOG.info("reading {} from offset {}", partition, begin);
    }
    assigned = all;
  }

  /**
   * Partitions only become more, unless the topic was deleted and created anew. Those that are not
   * there any more are given up when that may be done.
   */
  private void requirePartitions(Set<TopicPartition> found, Findings findings)
      throws InterruptedException {
    Set<Integer> missing = new TreeSet<>(restored.keySet());
    assigned.forEach(partition -> missing.add(partition.partition()));
    found.forEach(partition -> missing.remove(partition.partition()));
    if (missing.isEmpty()) {
      return;
    }
    String what =
        "topic %s has no partition %s any more, of which a part was read"
            .formatted(topic.topic(), missing);
    try {
      waitOrEnd(new UserError(what + HOW_TO_GO_ON));
    } catch (UserError e) {
      if (beginAnewIfAnother(ids.ask(), findings)) {
        return;
      }
      if (lostEvents == LostEvents.FAIL) {
        throw e;
      }
      LOG.warn("{}: going on without", what);
      restored.keySet().removeAll(missing);
      missing.forEach(partition -> findings.move(partition, ArrivalBatch.GIVEN_UP));
      assigned = assigned.stream().filter(found::contains).collect(Collectors.toSet());
      consumer.assign(assigned);
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
            throw new UserError(what + HOW_TO_GO_ON);
          }
          LOG.warn("{}: going on there", what);
          consumer.seek(partition, first);
          findings.move(partition.partition(), first);
          // An offset behind the end belongs to an earlier topic of that name: nobody can count.
          findings.skip(LOST, Math.max(1, first - offset));
        });
  }

  /** Called by the polling thread. */
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted(); // or the client would leave its connections open
    try {
      ids.close();
      consumer.close(CloseOptions.timeout(CLOSE_LIMIT));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

package io.simmim.pipeline.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.ArrivalBatch;
import io.simmim.operators.arrival.FeedPosition;
import io.simmim.operators.arrival.feed.KafkaFeed;
import io.simmim.operators.arrival.feed.KafkaFeed.LostEvents;
import io.simmim.operators.arrival.feed.KafkaFeed.Start;
import io.simmim.operators.arrival.notification.S3Notifications;
import io.simmim.operators.kafka.KafkaTopic;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaFeedITCase {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration SHORT = Duration.ofMillis(200);

  @TempDir private static Path folder;
  private static KafkaBroker broker;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = KafkaBroker.start(folder);
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @Test
  void readsEachPartitionInOrderAndGoesOnFromOffsets() throws Exception {
    KafkaTopic topic = broker.createTopic("ordered", 3);
    for (int partition = 0; partition < 3; partition++) {
      send(topic, partition, 0, 40);
    }

    Map<Integer, Long> offsets = new HashMap<>();
    try (Reading reading = new Reading(feed(topic, Start.EARLIEST, LostEvents.FAIL, Map.of()))) {
      reading.until(120);
      assertThat(reading.byPartition())
          .isEqualTo(Map.of(0, numbers(0, 0, 40), 1, numbers(1, 0, 40), 2, numbers(2, 0, 40)));
      assertThat(reading.offsets).isEqualTo(Map.of(0, 40L, 1, 40L, 2, 40L));
      offsets.putAll(reading.offsets);
      assertThat(reading.arrivals.get(0).origin()).matches("ordered/[012]@0");
    }
    offsets.put(1, 30L);
    send(topic, 2, 40, 50);

    try (Reading reading = new Reading(feed(topic, Start.LATEST, LostEvents.FAIL, offsets))) {
      reading.until(20);
      assertThat(reading.byPartition())
          .isEqualTo(Map.of(1, numbers(1, 30, 40), 2, numbers(2, 40, 50)));
      assertThat(reading.offsets).isEqualTo(Map.of(0, 40L, 1, 40L, 2, 50L));
    }
  }

  @Test
  void beginsANewRunAtTheEndAndNewPartitionsAtTheirBeginning() throws Exception {
    KafkaTopic topic = broker.createTopic("growing", 2);
    send(topic, 0, 0, 10);
    Map<Integer, Long> offsets;

    try (Reading reading = new Reading(feed(topic, Start.LATEST, LostEvents.FAIL, Map.of()))) {
      reading.untilOffsets(2);
      assertThat(reading.offsets).isEqualTo(Map.of(0, 10L, 1, 0L));
      offsets = Map.copyOf(reading.offsets);
      broker.growTopic("growing", 3);
      send(topic, 2, 0, 5);
      send(topic, 0, 10, 12);
      reading.until(7);
      assertThat(reading.byPartition())
          .isEqualTo(Map.of(0, numbers(0, 10, 12), 2, numbers(2, 0, 5)));
    }

    try (Reading reading = new Reading(feed(topic, Start.LATEST, LostEvents.FAIL, offsets))) {
      reading.until(7);
      assertThat(reading.offsets).isEqualTo(Map.of(0, 12L, 1, 0L, 2, 5L));
    }
  }

  @Test
  void waitsForABrokerThatIsAway() throws Exception {
    KafkaTopic topic = broker.createTopic("killed", 1);
    send(topic, 0, 0, 10);

    try (Reading reading = new Reading(feed(topic, Start.EARLIEST, LostEvents.FAIL, Map.of()))) {
      reading.until(10);
      broker.kill();
      for (int i = 0; i < 10; i++) {
        assertThat(reading.feed.poll(SHORT)).isEqualTo(ArrivalBatch.EMPTY);
      }
      try (KafkaFeed late = feed(topic, Start.EARLIEST, LostEvents.FAIL, Map.of())) {
        assertThat(late.poll(SHORT)).isEqualTo(ArrivalBatch.EMPTY);
        broker.restart();
        send(topic, 0, 10, 20);
        reading.until(20);
        assertThat(reading.byPartition()).isEqualTo(Map.of(0, numbers(0, 0, 20)));
        Reading lateReading = new Reading(late);
        lateReading.until(20);
        assertThat(lateReading.byPartition()).isEqualTo(Map.of(0, numbers(0, 0, 20)));
      }
    }
  }

  @Test
  void tellsOfDeletedOffsetsOrPassesOverThem() throws Exception {
    KafkaTopic topic = broker.createTopic("deleted", 1);
    send(topic, 0, 0, 30);
    broker.deleteRecords("deleted", 0, 20);
    Map<Integer, Long> offsets = Map.of(0, 5L);

    try (Reading reading = new Reading(feed(topic, Start.EARLIEST, LostEvents.FAIL, offsets))) {
      assertThatThrownBy(() -> reading.until(1))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Kafka does not have offset 5 of deleted-0 any more, its earliest is 20; events were"
                  + " lost, --set continuous.lost-events=continue goes on without them");
    }
    try (Reading reading = new Reading(feed(topic, Start.EARLIEST, LostEvents.CONTINUE, offsets))) {
      reading.until(10);
      assertThat(reading.byPartition()).isEqualTo(Map.of(0, numbers(0, 20, 30)));
      assertThat(reading.skipped).isEqualTo(Map.of("lost events", 15L));
      assertThat(reading.offsets).isEqualTo(Map.of(0, 30L));
    }
  }

  @Test
  void tellsOfATopicThatWasCreatedAnew() throws Exception {
    KafkaTopic topic = broker.createTopic("anew", 1);
    send(topic, 0, 0, 3);

    try (Reading reading =
        new Reading(feed(topic, Start.EARLIEST, LostEvents.FAIL, Map.of(0, 7L)))) {
      assertThatThrownBy(() -> reading.until(1))
          .isInstanceOf(UserError.class)
          .hasMessageStartingWith("Kafka does not have offset 7 of anew-0 any more");
    }
    try (Reading reading =
        new Reading(feed(topic, Start.EARLIEST, LostEvents.CONTINUE, Map.of(0, 7L, 4, 1L)))) {
      reading.until(3);
      assertThat(reading.skipped).isEqualTo(Map.of("lost events", 1L));
    }
  }

  @Test
  void refusesAnUnknownTopicWithoutCreatingIt() throws Exception {
    try (Reading reading =
        new Reading(feed(broker.topic("nowhere"), Start.EARLIEST, LostEvents.FAIL, Map.of()))) {
      assertThatThrownBy(() -> reading.until(1))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "Kafka at %s has no topic nowhere (or does not let us see it); create it first"
                  .formatted(broker.address()));
    }
    assertThat(broker.topics()).doesNotContain("nowhere");
  }

  @Test
  void skipsMessagesThatAreTooLargeOrNoNotifications() throws Exception {
    KafkaTopic topic = broker.createTopic("odd", 1);
    send(topic, 0, "none", new byte[3 << 20], null, "hello".getBytes(StandardCharsets.UTF_8));
    send(topic, 0, 0, 1);

    try (Reading reading = new Reading(feed(topic, Start.EARLIEST, LostEvents.FAIL, Map.of()))) {
      reading.until(1);
      assertThat(reading.offsets).isEqualTo(Map.of(0, 4L));
      assertThat(reading.skipped)
          .isEqualTo(Map.of("message too large", 1L, "empty message", 1L, "not JSON", 1L));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "snappy", "lz4", "zstd"})
  void readsCompressedTopics(String codec) throws Exception {
    KafkaTopic topic = broker.createTopic(codec, 1);
    send(topic, 0, codec, IntStream.range(0, 50).mapToObj(i -> event(0, i)).toArray(byte[][]::new));

    try (Reading reading = new Reading(feed(topic, Start.EARLIEST, LostEvents.FAIL, Map.of()))) {
      reading.until(50);
      assertThat(reading.byPartition()).isEqualTo(Map.of(0, numbers(0, 0, 50)));
    }
  }

  @Test
  void endsSoonAfterAnInterrupt() throws Exception {
    KafkaTopic topic = broker.createTopic("quiet", 1);
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    CompletableFuture<Void> polling = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try (KafkaFeed feed = feed(topic, Start.EARLIEST, LostEvents.FAIL, Map.of())) {
                feed.poll(SHORT);
                polling.complete(null);
                feed.poll(Duration.ofHours(1));
              } catch (IOException | InterruptedException | RuntimeException e) {
                ended.complete(e);
              }
            });
    thread.start();
    polling.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    thread.interrupt();

    assertThat(ended.get(LIMIT.toSeconds(), TimeUnit.SECONDS))
        .isInstanceOf(InterruptedException.class);
    thread.join();
  }

  private static KafkaFeed feed(
      KafkaTopic topic, Start start, LostEvents lost, Map<Integer, Long> restored) {
    return new KafkaFeed(
        topic,
        Map.of("metadata.max.age.ms", "500"),
        start,
        lost,
        new FeedPosition("", restored),
        new S3Notifications(List.of("s3://b"), List.of()),
        KafkaFeed.PATIENCE);
  }

  private static void send(KafkaTopic topic, int partition, int from, int to) throws Exception {
    byte[][] events =
        IntStream.range(from, to).mapToObj(i -> event(partition, i)).toArray(byte[][]::new);
    send(topic, partition, "none", events);
  }

  private static void send(KafkaTopic topic, int partition, String codec, byte[]... values)
      throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = producer(codec)) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (byte[] value : values) {
        sent.add(producer.send(new ProducerRecord<>(topic.topic(), partition, null, value)));
      }
      for (Future<RecordMetadata> one : sent) {
        one.get();
      }
    }
  }

  private static KafkaProducer<byte[], byte[]> producer(String codec) {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers",
            broker.address(),
            "compression.type",
            codec,
            "max.request.size",
            4 << 20,
            "key.serializer",
            ByteArraySerializer.class,
            "value.serializer",
            ByteArraySerializer.class));
  }

  private static byte[] event(int partition, int number) {
    return """
    {"Records":[{"eventVersion":"2.1","eventTime":"2026-03-04T05:06:07.089Z",
    "eventName":"ObjectCreated:Put",
    "s3":{"bucket":{"name":"b"},"object":{"key":"%d/%d.jpg","size":3}}}]}
    """
        .formatted(partition, number)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> numbers(int partition, int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> "s3://b/" + partition + "/" + i + ".jpg")
        .toList();
  }

  /** Everything that a feed gave so far. */
  private static final class Reading implements AutoCloseable {
    private final KafkaFeed feed;
    private final List<Arrival> arrivals = new ArrayList<>();
    private final Map<Integer, Long> offsets = new TreeMap<>();
    private final Map<String, Long> skipped = new TreeMap<>();

    Reading(KafkaFeed feed) {
      this.feed = feed;
    }

    void until(int count) {
      Awaitility.await()
          .pollInSameThread()
          .atMost(LIMIT)
          .pollDelay(Duration.ZERO)
          .until(() -> poll() && arrivals.size() >= count);
    }

    void untilOffsets(int count) {
      Awaitility.await()
          .pollInSameThread()
          .atMost(LIMIT)
          .pollDelay(Duration.ZERO)
          .until(() -> poll() && offsets.size() >= count);
    }

    private boolean poll() throws IOException, InterruptedException {
      ArrivalBatch batch = feed.poll(SHORT);
      arrivals.addAll(batch.arrivals());
      offsets.putAll(batch.offsets());
      batch.skipped().forEach((reason, count) -> skipped.merge(reason, count, Long::sum));
      return true;
    }

    Map<Integer, List<String>> byPartition() {
      Map<Integer, List<String>> uris = new TreeMap<>();
      for (Arrival arrival : arrivals) {
        int partition = Integer.parseInt(arrival.uri().replaceAll("s3://b/|/.*jpg", ""));
        uris.computeIfAbsent(partition, key -> new ArrayList<>()).add(arrival.uri());
      }
      return uris;
    }

    @Override
    public void close() {
      feed.close();
    }
  }
}

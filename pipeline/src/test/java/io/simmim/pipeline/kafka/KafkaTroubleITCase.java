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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a broker says for a moment, and what it says for good. */
@Timeout(180)
class KafkaTroubleITCase {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** Looked at with the client's own times between two looks at the cluster. */
  private static final Duration SOME_POLLS = Duration.ofSeconds(3);

  @TempDir private static Path folder;
  private static KafkaBroker broker;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = KafkaBroker.start(folder);
  }

  @AfterAll
  static void stopBroker() {
    if (broker != null) {
      broker.close();
    }
  }

  @Test
  void waitsForATopicThatIsUnknownAfterARestart() throws Exception {
    try (Reading reading = new Reading("unknown", KafkaFeed.PATIENCE, Map.of(0, 0L))) {
      reading.findsNothing();
      send(broker.createTopic("unknown", 1), 3);

      reading.until(3);
    }
  }

  /** Brokers answer at once, and would be asked without end. */
  @Test
  void asksOnceInAPollForATopicThatIsUnknown() throws Exception {
    CompletableFuture<Object> end = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try (Reading reading = new Reading("away", KafkaFeed.PATIENCE, Map.of(0, 0L))) {
                end.complete(reading.feed.poll(Duration.ofHours(1)));
              } catch (Exception e) {
                end.complete(e);
              }
            });
    thread.start();
    Awaitility.await().atMost(LIMIT).until(() -> end.isDone() || sleepsInPoll(thread));
    thread.interrupt();
    thread.join();

    assertThat(end).isCompletedWithValueMatching(InterruptedException.class::isInstance);
  }

  private static boolean sleepsInPoll(Thread thread) {
    StackTraceElement[] stack = thread.getStackTrace();
    return Arrays.stream(stack).limit(3).anyMatch(call -> call.getMethodName().equals("sleep"))
        && Arrays.stream(stack)
            .limit(4)
            .anyMatch(call -> call.getClassName().equals(KafkaFeed.class.getName()));
  }

  @Test
  void endsWhenATopicStaysUnknown() {
    try (Reading reading = new Reading("deleted", Duration.ofSeconds(1), Map.of(0, 2L))) {
      reading.endsWith(
          "Kafka at %s has no topic deleted (or does not let us see it); create it first"
              .formatted(broker.address()));
    }
  }

  @Test
  void waitsForRightsThatItHadBefore() throws Exception {
    send(broker.createTopic("rights", 1), 2);
    try (Reading reading = new Reading("rights", KafkaFeed.PATIENCE, Map.of())) {
      reading.until(2);
      broker.deny("rights");
      try (Reading restored = new Reading("rights", KafkaFeed.PATIENCE, Map.of(0, 1L))) {
        reading.findsNothing();
        restored.findsNothing();
        broker.allow("rights");
        send(broker.topic("rights"), 3);
        reading.until(5);
        restored.until(4);
      }
    }
  }

  @Test
  void endsWithoutRights() throws Exception {
    broker.createTopic("secret", 1);
    broker.deny("secret");
    String message =
        "Kafka at %s does not allow to read topic secret: Not authorized to access topics: [secret]"
            .formatted(broker.address());
    try (Reading begins = new Reading("secret", KafkaFeed.PATIENCE, Map.of())) {
      begins.endsWith(message);
    }
    try (Reading reading = new Reading("secret", Duration.ofSeconds(1), Map.of(0, 2L))) {
      reading.endsWith(message);
    }
  }

  @Test
  void readsWhatIsThereWhileAPartitionIsMissing() throws Exception {
    KafkaTopic topic = broker.createTopic("fewer", 1);
    send(topic, 3);
    try (Reading reading = new Reading("fewer", KafkaFeed.PATIENCE, Map.of(0, 1L, 1, 0L))) {
      reading.until(2);
      broker.growTopic("fewer", 2);
      Awaitility.await()
          .pollInSameThread()
          .atMost(LIMIT)
          .until(() -> reading.poll() && reading.offsets.containsKey(1));
      assertThat(reading.offsets).isEqualTo(Map.of(0, 3L, 1, 0L));
    }
  }

  @Test
  void endsOrGoesOnWithoutAPartitionThatStaysMissing() throws Exception {
    send(broker.createTopic("anew", 1), 3);
    Map<Integer, Long> offsets = Map.of(0, 1L, 4, 1L);
    try (Reading reading = new Reading("anew", Duration.ofSeconds(1), offsets)) {
      reading.endsWith(
          "topic anew has no partition [4] any more, of which a part was read; events were lost,"
              + " --set continuous.lost-events=continue goes on without them");
    }
    try (Reading reading =
        new Reading("anew", Duration.ofSeconds(1), offsets, LostEvents.CONTINUE)) {
      reading.offsets.putAll(offsets);
      reading.until(2);
      Awaitility.await().pollInSameThread().during(SOME_POLLS).atMost(LIMIT).until(reading::poll);
      send(broker.topic("anew"), 1);
      reading.until(3);
      assertThat(reading.offsets).as("of a checkpoint").isEqualTo(Map.of(0, 4L));
    }
  }

  /** It lacks offsets or partitions then, whenever brokers were asked for its id before. */
  @ParameterizedTest
  @CsvSource({"replaced, 3, 2, 300", "shorter, 1, 3, 60000", "narrower, 2, 9, 60000"})
  void noticesWhileItReadsThatATopicIsAnotherOne(
      String name, int partitions, int events, int lookMillis) throws Exception {
    Duration look = Duration.ofMillis(lookMillis);
    send(broker.createTopic(name, partitions), 5);
    try (Reading reading = new Reading(name, look, LostEvents.CONTINUE);
        Reading failing = new Reading(name, look, LostEvents.FAIL)) {
      reading.untilItKnowsTheTopicAnd(5);
      failing.untilItKnowsTheTopicAnd(5);
      broker.deleteTopic(name);
      Awaitility.await().atMost(LIMIT).until(() -> !broker.topics().contains(name));
      send(broker.createTopic(name, 1), events);

      failing.ends("topic %s was deleted and created anew since it was read ".formatted(name));
      goesOnFromTheBeginning(reading, failing.sourceId, name, events);
    }
  }

  /** It has more events by now than were read of the one before: all offsets are there. */
  @Test
  void skipsNoEventOfATopicThatWasCreatedAnew() throws Exception {
    send(broker.createTopic("longer", 2), 3);
    FeedPosition before;
    try (Reading reading = new Reading("longer", KafkaFeed.PATIENCE, Map.of());
        Reading going = new Reading("longer", KafkaFeed.PATIENCE, Map.of(), LostEvents.CONTINUE)) {
      reading.until(3);
      going.until(3);
      before = reading.position();
      assertThat(before.offsets()).isEqualTo(Map.of(0, 3L, 1, 0L));
      broker.deleteTopic("longer");
      Awaitility.await().atMost(LIMIT).until(() -> !broker.topics().contains("longer"));
      send(broker.createTopic("longer", 1), 5);

      reading.ends(
          "topic longer was deleted and created anew since it was read \\(its id was "
              + before.sourceId()
              + " and is .*\\); events were lost, --set continuous.lost-events=continue goes on");
      goesOnFromTheBeginning(going, before.sourceId(), "longer", 5);
    }
    try (Reading restored = new Reading("longer", before, LostEvents.FAIL)) {
      restored.ends("topic longer was deleted and created anew since it was read ");
      assertThat(restored.arrivals).isEmpty();
    }
    try (Reading restored = new Reading("longer", before, LostEvents.CONTINUE)) {
      goesOnFromTheBeginning(restored, before.sourceId(), "longer", 5);
      assertThat(restored.arrivals).hasSize(5);
      try (Reading next = new Reading("longer", restored.position(), LostEvents.FAIL)) {
        next.findsNothing();
      }
    }
  }

  private static void goesOnFromTheBeginning(
      Reading reading, String idBefore, String topic, int events) {
    Awaitility.await()
        .pollInSameThread()
        .atMost(LIMIT)
        .until(
            () ->
                reading.poll()
                    && !reading.sourceId.equals(idBefore)
                    && reading.offsets.equals(Map.of(0, (long) events)));
    List<Arrival> last =
        reading.arrivals.subList(reading.arrivals.size() - events, reading.arrivals.size());
    for (int offset = 0; offset < events; offset++) {
      assertThat(last.get(offset).origin()).isEqualTo(topic + "/0@" + offset);
    }
  }

  private static void send(KafkaTopic topic, int events) throws Exception {
    try (Notifications notifications = new Notifications(topic)) {
      for (int i = 0; i < events; i++) {
        notifications.created("b", i + ".jpg", 10, "tag");
      }
    }
  }

  /** A feed, and everything that it gave so far. */
  private static final class Reading implements AutoCloseable {
    private final KafkaFeed feed;
    private final List<Arrival> arrivals = new ArrayList<>();
    private final Map<Integer, Long> offsets = new TreeMap<>();
    private String sourceId;

    Reading(String topic, Duration patience, Map<Integer, Long> restored) {
      this(topic, patience, restored, LostEvents.FAIL);
    }

    Reading(String topic, Duration patience, Map<Integer, Long> restored, LostEvents lost) {
      this(topic, patience, new FeedPosition("", restored), lost);
    }

    Reading(String topic, FeedPosition restored, LostEvents lost) {
      this(topic, KafkaFeed.PATIENCE, restored, lost);
      offsets.putAll(restored.offsets());
    }

    /** Has little patience, and looks by itself at the cluster as seldom as told. */
    Reading(String topic, Duration look, LostEvents lost) {
      this(topic, Duration.ofSeconds(1), look, FeedPosition.NONE, lost);
    }

    private Reading(String topic, Duration patience, FeedPosition restored, LostEvents lost) {
      this(topic, patience, Duration.ofMillis(300), restored, lost);
    }

    private Reading(
        String topic, Duration patience, Duration look, FeedPosition restored, LostEvents lost) {
      sourceId = restored.sourceId();
      feed =
          new KafkaFeed(
              broker.topic(topic),
              Map.of("metadata.max.age.ms", Long.toString(look.toMillis())),
              Start.EARLIEST,
              lost,
              restored,
              new S3Notifications(List.of("s3://b"), List.of()),
              patience);
    }

    boolean poll() throws Exception {
      ArrivalBatch batch = feed.poll(SHORT);
      arrivals.addAll(batch.arrivals());
      ArrivalBatch.move(offsets, batch.offsets());
      sourceId = batch.sourceId().isEmpty() ? sourceId : batch.sourceId();
      return true;
    }

    FeedPosition position() {
      return new FeedPosition(sourceId, offsets);
    }

    void until(int count) {
      Awaitility.await()
          .pollInSameThread()
          .atMost(LIMIT)
          .until(() -> poll() && arrivals.size() >= count);
    }

    /** Brokers may not have told its id at once. */
    void untilItKnowsTheTopicAnd(int count) {
      Awaitility.await()
          .pollInSameThread()
          .atMost(LIMIT)
          .until(() -> poll() && arrivals.size() >= count && !sourceId.isEmpty());
    }

    void findsNothing() {
      int before = arrivals.size();
      Awaitility.await()
          .pollInSameThread()
          .during(SOME_POLLS)
          .atMost(LIMIT)
          .until(() -> poll() && arrivals.size() == before);
    }

    void endsWith(String message) {
      assertThatThrownBy(() -> until(Integer.MAX_VALUE))
          .isInstanceOf(UserError.class)
          .hasMessage(message);
    }

    void ends(String pattern) {
      assertThatThrownBy(() -> until(Integer.MAX_VALUE))
          .isInstanceOf(UserError.class)
          .hasMessageMatching("(?:" + pattern + ").*");
    }

    @Override
    public void close() {
      feed.close();
    }
  }
}

package io.simmim.operators.arrival.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.simmim.operators.arrival.Arrival;
import io.simmim.operators.arrival.ArrivalBatch;
import io.simmim.operators.arrival.notification.S3Messages;
import io.simmim.operators.arrival.notification.S3Notifications;
import io.simmim.operators.sqs.Relay;
import io.simmim.operators.sqs.SqsConnection;
import io.simmim.operators.sqs.SqsQueue;
import io.simmim.operators.sqs.SqsServer;
import io.simmim.schemas.UserError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** Against a real server, except for Amazon's own. */
@Timeout(120)
@Tag("slow")
class SqsFeedTest extends S3Messages {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration LONG_HIDDEN = Duration.ofHours(1);
  private static final Duration SHORT_HIDDEN = Duration.ofSeconds(6);
  private static final Duration NO_PATIENCE = Duration.ZERO;
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static SqsServer server;
  private final List<Reading> readings = new ArrayList<>();
  private String name;
  private SqsQueue queue;

  @BeforeAll
  static void start() {
    server = SqsServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void createQueue(TestInfo test) {
    name = test.getTestMethod().orElseThrow().getName();
    queue = server.createQueue(name);
  }

  @AfterEach
  void closeFeeds() {
    readings.forEach(reading -> reading.feed.close());
  }

  @Test
  void readsWhatServicesOfAmazonSend() throws Exception {
    server.send(name, AWS, sns(AWS), EVENT_BRIDGE, sns(EVENT_BRIDGE));
    Reading reading = reading(LONG_HIDDEN);
    reading.until(4);

    assertThat(reading.uris())
        .containsOnly("s3://photos/train/red flowerä.JPG", "s3://photos/train/a+b.jpg");
    assertThat(reading.arrivals)
        .allSatisfy(arrival -> assertThat(arrival.origin()).matches(name + "/[0-9a-f-]{36}"));
    assertThat(reading.offsets).as("that it was read").isEqualTo(Map.of(0, 0L));
  }

  @Test
  void deletesNothingBeforeItIsDurable() throws Exception {
    server.send(name, events(0, 25));
    Reading reading = reading(LONG_HIDDEN);
    reading.until(25);
    long polls = reading.polls;
    server.send(name, events(25, 30));
    reading.until(30);
    assertThat(server.hidden(name)).isEqualTo(30);

    reading.feed.durable(polls);
    await().atMost(LIMIT).until(() -> server.hidden(name) == 5);
    reading.feed.durable(reading.polls);
    await().atMost(LIMIT).until(() -> server.hidden(name) == 0);
    assertThat(server.shown(name)).isZero();
  }

  @Test
  void hidesMessagesUntilTheyAreDurable() throws Exception {
    server.send(name, events(0, 12));
    Reading reading = reading(SHORT_HIDDEN);
    reading.until(12);

    await()
        .during(SHORT_HIDDEN.multipliedBy(2))
        .atMost(LIMIT)
        .until(() -> server.take(name, 0).isEmpty());
    reading.feed.durable(reading.polls);
    await().atMost(LIMIT).until(() -> server.hidden(name) + server.shown(name) == 0);
  }

  /** As of a process that is killed: nobody hides them any more, and nobody shows them. */
  @Test
  void getsAgainWhatAKilledReaderHad() throws Exception {
    server.send(name, events(0, 12));
    try (Relay relay = new Relay(server.port())) {
      Reading killed = reading(through(relay), SHORT_HIDDEN, PATIENCE);
      killed.until(6);
      long polls = killed.polls;
      killed.until(12);
      relay.cut();
      killed.feed.durable(polls);
      Reading next = reading(SHORT_HIDDEN);
      next.until(12);

      assertThat(next.uris()).containsExactlyInAnyOrderElementsOf(killed.uris());
    }
  }

  @Test
  void showsWhatIsNotDurableWhenItIsClosed() throws Exception {
    server.send(name, events(0, 25));
    Reading closed = reading(LONG_HIDDEN);
    closed.until(25);
    closed.feed.close();

    Reading next = reading(LONG_HIDDEN);
    next.until(25);
    assertThat(next.uris()).containsExactlyInAnyOrderElementsOf(closed.uris());
  }

  @Test
  void deletesWhatIsDurableBeforeItIsClosed() throws Exception {
    server.send(name, events(0, 25));
    Reading closed = reading(LONG_HIDDEN);
    closed.until(25);
    closed.feed.durable(closed.polls);
    closed.feed.close();

    assertThat(server.hidden(name) + server.shown(name)).isZero();
  }

  @Test
  void countsAndDeletesWhatCannotBeRead() throws Exception {
    server.send(name, "hello", "{}", events(0, 1)[0], "{\"Records\":[]}");
    Reading reading = reading(LONG_HIDDEN);
    reading.until(1);
    await()
        .pollInSameThread()
        .atMost(LIMIT)
        .until(() -> reading.poll() && server.hidden(name) == 4);
    reading.feed.durable(reading.polls);

    await().atMost(LIMIT).until(() -> server.hidden(name) == 0);
    assertThat(reading.skipped).isEqualTo(Map.of("not JSON", 1L, "not a notification of S3", 1L));
  }

  /** A kill is one reception. The third one takes messages to the dead-letter queue here. */
  @Test
  void tellsHowSoonMessagesGoToADeadLetterQueue() throws Exception {
    SqsQueue few = server.createQueue("few", 2);
    server.send("few", events(0, 3));
    for (int kill = 0; kill < 2; kill++) {
      Reading killed = reading(few, LONG_HIDDEN, PATIENCE);
      killed.until(3);
      killed.feed.close();
    }

    Reading next = reading(few, LONG_HIDDEN, PATIENCE);
    await()
        .pollInSameThread()
        .atMost(LIMIT)
        .until(() -> next.poll() && server.shown("few-dead") == 3);
    assertThat(next.arrivals).isEmpty();
    try (SqsConnection connection = new SqsConnection(few);
        SqsConnection other = new SqsConnection(queue)) {
      assertThat(SqsFeed.deadLetterWarning(few, connection.mostReceptions()))
          .hasValue(
              few
                  + " gives messages to a dead-letter queue after 2 receptions, and each kill of a"
                  + " run is one (maxReceiveCount should be 10 or more)");
      assertThat(other.mostReceptions()).isEmpty();
      assertThat(SqsFeed.deadLetterWarning(queue, OptionalInt.of(10))).isEmpty();
    }
  }

  @Test
  void waitsForAServerThatIsAway() throws Exception {
    server.send(name, events(0, 5));
    try (Relay relay = new Relay(server.port())) {
      Reading reading = reading(through(relay), LONG_HIDDEN, NO_PATIENCE);
      reading.until(5);
      relay.cut();
      reading.feed.durable(reading.polls);
      server.send(name, events(5, 9));
      for (int i = 0; i < 10; i++) {
        assertThat(reading.feed.poll(SHORT)).isEqualTo(ArrivalBatch.EMPTY);
      }
      assertThat(server.hidden(name)).isEqualTo(5);
      relay.mend();
      reading.until(9);
      await().atMost(LIMIT).until(() -> server.hidden(name) == 4);
    }
  }

  @Test
  void waitsForAServerThatIsAwayFromTheBeginning() throws Exception {
    try (Relay relay = new Relay(server.port())) {
      relay.cut();
      Reading reading = reading(through(relay), LONG_HIDDEN, NO_PATIENCE);
      assertThat(reading.feed.poll(SHORT)).isEqualTo(ArrivalBatch.EMPTY);
      server.send(name, events(0, 1));
      relay.mend();
      reading.until(1);
    }
  }

  @Test
  void takesNoMoreThanMayWaitForACheckpoint() throws Exception {
    server.send(name, events(0, 45));
    Reading reading = reading(new SqsFeed(queue, false, INPUT, LONG_HIDDEN, PATIENCE, 20));
    reading.until(20);
    for (int i = 0; i < 3; i++) {
      assertThat(reading.feed.poll(SHORT)).isEqualTo(ArrivalBatch.EMPTY);
      reading.polls++;
    }
    reading.feed.durable(reading.polls);
    reading.until(40);
  }

  @Test
  void tellsANewRunAtOnceThatThereIsNoQueue() {
    SqsQueue none = server.queue("none");
    Reading reading = reading(none, LONG_HIDDEN, PATIENCE);

    assertThatThrownBy(() -> reading.feed.poll(SHORT))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "there is no queue %s (or it is not to be seen); create it first".formatted(none));
  }

  @Test
  void waitsForAQueueThatWasReadBefore() throws Exception {
    SqsQueue later = server.queue("later");
    Reading reading = reading(new SqsFeed(later, true, INPUT, LONG_HIDDEN, PATIENCE, 20));
    for (int i = 0; i < 3; i++) {
      reading.poll();
    }
    server.createQueue("later");
    server.send("later", events(0, 1));
    reading.until(1);

    Reading impatient =
        reading(new SqsFeed(server.queue("never"), true, INPUT, LONG_HIDDEN, NO_PATIENCE, 20));
    assertThatThrownBy(() -> impatient.until(1))
        .hasMessageStartingWith("there is no queue sqs+http://");
  }

  @Test
  void endsSoonAfterAnInterrupt() {
    Reading reading = reading(LONG_HIDDEN);
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> reading.feed.poll(Duration.ofHours(1)))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  private static final S3Notifications INPUT =
      new S3Notifications(List.of("s3://photos/train", "s3://b"), List.of());

  private static String[] events(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> AWS.replace("red+flower%C3%A4", Integer.toString(i)))
        .toArray(String[]::new);
  }

  private SqsQueue through(Relay relay) {
    return SqsQueue.parse("sqs+http://localhost:%d/%s".formatted(relay.port(), name));
  }

  private Reading reading(Duration hidden) {
    return reading(queue, hidden, PATIENCE);
  }

  private Reading reading(SqsQueue of, Duration hidden, Duration patience) {
    return reading(new SqsFeed(of, false, INPUT, hidden, patience, 1000));
  }

  private Reading reading(SqsFeed feed) {
    Reading reading = new Reading(feed);
    readings.add(reading);
    return reading;
  }

  /** A feed, and everything that it gave so far. */
  private static final class Reading {
    private final SqsFeed feed;
    private final List<Arrival> arrivals = new ArrayList<>();
    private final Map<Integer, Long> offsets = new TreeMap<>();
    private final Map<String, Long> skipped = new TreeMap<>();
    private long polls;

    Reading(SqsFeed feed) {
      this.feed = feed;
    }

    boolean poll() throws InterruptedException {
      ArrivalBatch batch = feed.poll(SHORT);
      polls++;
      arrivals.addAll(batch.arrivals());
      offsets.putAll(batch.offsets());
      batch.skipped().forEach((reason, count) -> skipped.merge(reason, count, Long::sum));
      return true;
    }

    void until(int count) {
      await().pollInSameThread().atMost(LIMIT).until(() -> poll() && arrivals.size() >= count);
    }

    List<String> uris() {
      return arrivals.stream().map(Arrival::uri).toList();
    }
  }
}

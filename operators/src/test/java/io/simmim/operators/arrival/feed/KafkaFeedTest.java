package io.simmim.operators.arrival.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.arrival.ArrivalBatch;
import io.simmim.operators.arrival.FeedPosition;
import io.simmim.operators.arrival.feed.KafkaFeed.LostEvents;
import io.simmim.operators.arrival.feed.KafkaFeed.Start;
import io.simmim.operators.arrival.notification.S3Notifications;
import io.simmim.operators.kafka.KafkaClientOptions;
import io.simmim.operators.kafka.KafkaTopic;
import io.simmim.schemas.UserError;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaFeedTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "group.id",
        "enable.auto.commit",
        "auto.offset.reset",
        "key.deserializer",
        "value.deserializer",
        "bootstrap.servers",
        "acks",
        "enable.idempotence",
        "transactional.id"
      })
  void refusesToChangeWhatCorrectnessNeeds(String key) {
    assertThatThrownBy(() -> feed(new KafkaTopic("127.0.0.1:9", "t"), Map.of(key, "x")))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("kafka." + key + " cannot be set (these are fixed: acks, ");
  }

  @ParameterizedTest
  @CsvSource({"fetch.max.bytes,many", "security.protocol,SECRET", "isolation.level,none"})
  void namesOptionsThatKafkaRefuses(String key, String value) {
    assertThatThrownBy(() -> feed(new KafkaTopic("127.0.0.1:9", "t"), Map.of(key, value)))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("no Kafka client for kafka://127.0.0.1:9/t: ")
        .hasMessageContaining(key);
  }

  @Test
  void letsTheUserChangeTheRest() {
    KafkaTopic topic = new KafkaTopic("127.0.0.1:9", "t");

    assertThat(KafkaClientOptions.reading(topic, Map.of("fetch.max.bytes", "7")))
        .containsEntry("fetch.max.bytes", "7")
        .containsEntry("auto.offset.reset", "none")
        .containsEntry("bootstrap.servers", "127.0.0.1:9");
  }

  @Test
  void waitsWhereNobodyListens() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    try (KafkaFeed feed = feed(new KafkaTopic("127.0.0.1:" + port, "t"), Map.of())) {
      assertThat(feed.poll(Duration.ofMillis(1))).isEqualTo(ArrivalBatch.EMPTY);
    }
  }

  @Test
  void endsAtOnceWhenInterruptedBeforehand() {
    try (KafkaFeed feed = feed(new KafkaTopic("127.0.0.1:9", "t"), Map.of())) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> feed.poll(Duration.ofHours(1)))
          .isInstanceOf(InterruptedException.class);
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
  }

  /** A job that restarts opens a feed each time. */
  @Test
  void leavesNoThreadOfItsClientsBehind() {
    Set<Thread> before = threads();
    KafkaFeed feed = feed(new KafkaTopic("127.0.0.1:9", "t"), Map.of());
    Set<Thread> open = threads();
    feed.close();

    assertThat(open).hasSizeGreaterThan(before.size());
    assertThat(before).containsAll(threads());
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("kafka-"))
        .collect(Collectors.toSet());
  }

  private static KafkaFeed feed(KafkaTopic topic, Map<String, String> options) {
    return new KafkaFeed(
        topic,
        options,
        Start.EARLIEST,
        LostEvents.FAIL,
        FeedPosition.NONE,
        new S3Notifications(List.of("s3://b"), List.of()),
        KafkaFeed.PATIENCE);
  }
}

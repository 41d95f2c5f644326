package io.simmim.pipeline.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.kafka.KafkaTopic;
import io.simmim.operators.kafka.WrittenTopic;
import io.simmim.pipeline.cli.InThisProcess;
import io.simmim.pipeline.cluster.CommandResult;
import io.simmim.pipeline.sink.RejectedTopicSink;
import io.simmim.schemas.RejectedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // close() of a Flink writer may declare InterruptedException
class RejectedTopicITCase {
  private static final RejectedImage IMAGE =
      new RejectedImage(2, "s3://b/y.jpg", "empty", "v:1", 1_700_000_000_000L);

  @TempDir private static Path folder;
  private static KafkaBroker broker;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = KafkaBroker.startWithoutMakingTopics(folder);
  }

  @AfterAll
  static void stopBroker() {
    if (broker != null) {
      broker.close();
    }
  }

  @Test
  void aTopicThatIsNotThereIsRefusedBeforeTheJobAndLeavesNoOutput() throws Exception {
    Path images = Files.createDirectory(folder.resolve("images"));
    for (int i = 0; i < 32; i++) {
      Files.writeString(images.resolve(i + ".jpg"), "not read here");
    }
    Path output = folder.resolve("output");
    KafkaTopic topic = broker.topic("nowhere");

    CommandResult result =
        InThisProcess.run(
            List.of(
                "pretrain",
                "--preset=vit-tiny",
                "--input=" + images,
                "--output=" + output,
                "--set=reject.topic=" + topic));

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.errors())
        .contains("Kafka at %s has no topic nowhere".formatted(topic.brokers()));
    assertThat(output).doesNotExist();
    assertThatNoException()
        .isThrownBy(() -> WrittenTopic.require(broker.createTopic("there", 1), Map.of()));
  }

  @Test
  void aFlushMeansThatNoFailureOfABrokerLosesAnything() throws Exception {
    KafkaTopic topic = broker.createTopic("rejected", 2);
    Map<String, String> options =
        Map.of(
            "delivery.timeout.ms", "10000", // what a busy broker takes for its first one is less
            "request.timeout.ms", "8000",
            "linger.ms", "0");
    RejectedTopicSink sink = new RejectedTopicSink(topic, options);

    try (SinkWriter<RejectedImage> writer = sink.createWriter(null)) {
      writer.write(IMAGE, null);
      writer.flush(false);
      broker.kill();
      writer.write(new RejectedImage(3, "s3://b/z.jpg", "empty"), null);
      assertThatThrownBy(() -> writer.flush(false))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("cannot write %s: ".formatted(topic))
          .message()
          .hasLineCount(1);
    }
    broker.restart();
    try (SinkWriter<RejectedImage> writer = sink.createWriter(null)) {
      writer.write(new RejectedImage(3, "s3://b/z.jpg", "empty"), null);
      writer.flush(false);
    }

    assertThat(records(topic, 2))
        .containsExactlyInAnyOrder(
            "s3://b/y.jpg={\"uri\":\"s3://b/y.jpg\",\"reason\":\"empty\",\"sample_id\":2,"
                + "\"version\":\"v:1\",\"time\":\"2023-11-14T22:13:20Z\"}",
            "s3://b/z.jpg={\"uri\":\"s3://b/z.jpg\",\"reason\":\"empty\",\"sample_id\":3}");
  }

  private static List<String> records(KafkaTopic topic, int count) {
    List<String> found = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", topic.brokers()),
            new StringDeserializer(),
            new StringDeserializer())) {
      List<TopicPartition> partitions =
          List.of(new TopicPartition(topic.topic(), 0), new TopicPartition(topic.topic(), 1));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Awaitility.await()
          .pollInSameThread()
          .atMost(Duration.ofMinutes(1))
          .until(
              () -> {
                for (ConsumerRecord<String, String> record :
                    consumer.poll(Duration.ofMillis(200))) {
                  found.add(record.key() + "=" + record.value());
                }
                return found.size() >= count;
              });
    }
    return found;
  }
}

package io.simmim.pipeline.kafka;

import io.simmim.operators.kafka.KafkaTopic;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/** Sends S3 notifications as Amazon S3 does, one object each, to partition 0 of a topic. */
public final class Notifications implements AutoCloseable {
  private final KafkaProducer<String, String> producer;
  private final String topic;

  /** Connects to a topic. */
  public Notifications(KafkaTopic topic) {
    this.topic = topic.topic();
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", topic.brokers(), "acks", "all"),
            new StringSerializer(),
            new StringSerializer());
  }

  /** Tells that an object was created. */
  public void created(String bucket, String key, long bytes, String tag)
      throws ExecutionException, InterruptedException {
    send(text(bucket, key, bytes, tag));
  }

  /** Tells of many objects, and waits until the broker has all; their tags are made up. */
  public void createdAll(
      String bucket, int count, IntFunction<String> keys, IntToLongFunction bytes)
      throws ExecutionException, InterruptedException {
    Future<RecordMetadata> last = null;
    for (int i = 0; i < count; i++) {
      String text = text(bucket, keys.apply(i), bytes.applyAsLong(i), "tag-" + i);
      last = producer.send(new ProducerRecord<>(topic, 0, null, text));
    }
    if (last != null) {
      last.get(); // one partition: the others came before it
    }
  }

  /** A notification. */
  public static String text(String bucket, String key, long bytes, String tag) {
    return """
        {"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-central-1",
        "eventTime":"%s","eventName":"ObjectCreated:Put","s3":{"s3SchemaVersion":"1.0",
        "bucket":{"name":"%s"},"object":{"key":"%s","size":%d,"eTag":"%s","sequencer":"0A"}}}]}
        """
        .formatted(
            Instant.now(), bucket, URLEncoder.encode(key, StandardCharsets.UTF_8), bytes, tag);
  }

  /** Sends any text, and waits until the broker has it. */
  public void send(String text) throws ExecutionException, InterruptedException {
    producer.send(new ProducerRecord<>(topic, 0, null, text)).get();
  }

  @Override
  public void close() {
    producer.close();
  }
}

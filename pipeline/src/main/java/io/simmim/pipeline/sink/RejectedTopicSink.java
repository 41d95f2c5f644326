package io.simmim.pipeline.sink;

import io.simmim.operators.kafka.KafkaClients;
import io.simmim.operators.kafka.KafkaFailure;
import io.simmim.operators.kafka.KafkaTopic;
import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Sends each image that could not be used to a topic of Kafka: the key is its URI, the value its
 * line of {@code rejected.jsonl}. At least once: a checkpoint waits until everything before it is
 * acknowledged, and fails if something is not; after a restart all since the last checkpoint is
 * sent again.
 */
public final class RejectedTopicSink implements Sink<RejectedImage> {
  private final KafkaTopic topic;
  private final Map<String, String> options;

  /**
   * @param options what the client is told, by Kafka's own keys
   */
  public RejectedTopicSink(KafkaTopic topic, Map<String, String> options) {
    this.topic = Objects.requireNonNull(topic, "topic");
    this.options = Map.copyOf(options);
  }

  @Override
  public SinkWriter<RejectedImage> createWriter(WriterInitContext context) {
    try {
      return new Writer(topic, KafkaClients.producer(topic, options));
    } catch (UserError e) {
      throw new SuppressRestartsException(e);
    }
  }

  private static final class Writer implements SinkWriter<RejectedImage> {
    /** Nothing is waited for: what is not acknowledged yet belongs to no checkpoint. */
    private static final Duration CLOSE_LIMIT = Duration.ZERO;

    private final KafkaTopic topic;
    private final KafkaProducer<byte[], byte[]> producer;

    /** Set by the client's thread. */
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    Writer(KafkaTopic topic, KafkaProducer<byte[], byte[]> producer) {
      this.topic = topic;
      this.producer = producer;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the callback gets the same
    public void write(RejectedImage image, Context context)
        throws IOException, InterruptedException {
      throwFailure();
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              topic.topic(),
              image.uri().getBytes(StandardCharsets.UTF_8),
              JsonText.of(image).getBytes(StandardCharsets.UTF_8));
      try {
        producer.send(record, (metadata, e) -> failure.compareAndSet(null, e));
      } catch (InterruptException e) {
        throw interrupted(e);
      } catch (KafkaException e) {
        throw failed(e);
      }
    }

    @Override
    public void flush(boolean endOfInput) throws IOException, InterruptedException {
      try {
        producer.flush();
      } catch (InterruptException e) {
        throw interrupted(e);
      }
      throwFailure();
    }

    private void throwFailure() throws IOException {
      Exception found = failure.get();
      if (found != null) {
        throw failed(found instanceof KafkaException e ? e : new KafkaException(found));
      }
    }

    private IOException failed(KafkaException e) {
      try {
        return KafkaFailure.of("write", topic, e);
      } catch (UserError mistake) {
        throw new SuppressRestartsException(mistake);
      }
    }

    private InterruptedException interrupted(InterruptException e) {
      Thread.interrupted(); // set again by the client; the exception says it
      InterruptedException interrupted =
          new InterruptedException("interrupted while writing to " + topic);
      interrupted.initCause(e);
      return interrupted;
    }

    @Override
    public void close() {
      producer.close(CLOSE_LIMIT);
    }
  }
}

package io.simmim.pipeline.sink;

import io.simmim.schemas.RejectedImage;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * {@code rejected.jsonl}: each image that could not be used once, with URI, reason, sample id,
 * version where it is known, and time. Runs with parallelism 1; the trainer sends each image once.
 *
 * <ol>
 *   <li>Opened without state: the file begins anew.
 *   <li>Opened with state, the number of lines at the checkpoint: later lines are dropped. What
 *       comes after the checkpoint is rejected again, or, where images keep arriving, the ids stand
 *       for other images then.
 *   <li>Before each checkpoint the lines are made durable.
 * </ol>
 */
public final class RejectedSink
    implements Sink<RejectedImage>, SupportsWriterState<RejectedImage, Long> {
  private final Path file;

  /**
   * @param file on any Flink file system; a folder of that name where files cannot be appended to
   */
  public RejectedSink(Path file) {
    this.file = Objects.requireNonNull(file, "file");
  }

  @Override
  public StatefulSinkWriter<RejectedImage, Long> createWriter(WriterInitContext context)
      throws IOException {
    return new Writer(JsonLines.open(file, line -> false), 0);
  }

  @Override
  public StatefulSinkWriter<RejectedImage, Long> restoreWriter(
      WriterInitContext context, Collection<Long> recovered) throws IOException {
    long restored = recovered.stream().mapToLong(Long::longValue).max().orElse(0);
    AtomicLong kept = new AtomicLong();
    JsonLines lines =
        JsonLines.open(file, line -> kept.get() < restored && kept.incrementAndGet() <= restored);
    return new Writer(lines, kept.get());
  }

  @Override
  public SimpleVersionedSerializer<Long> getWriterStateSerializer() {
    return new PositionSerializer();
  }

  private static final class Writer implements StatefulSinkWriter<RejectedImage, Long> {
    private final JsonLines lines;
    private long written;

    Writer(JsonLines lines, long written) {
      this.lines = lines;
      this.written = written;
    }

    @Override
    public void write(RejectedImage image, Context context) throws IOException {
      lines.append(JsonText.of(image));
      written++;
    }

    @Override
    public void flush(boolean endOfInput) throws IOException {
      lines.sync();
    }

    @Override
    public List<Long> snapshotState(long checkpointId) {
      return List.of(written);
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}

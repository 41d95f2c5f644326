package io.simmim.pipeline.sink;

import io.simmim.schemas.RejectedImage;
import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
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
 *   <li>Opened with state, the end of the lines at the checkpoint: later lines are dropped. What
 *       comes after the checkpoint is rejected again, or, where images keep arriving, the ids stand
 *       for other images then.
 *   <li>Before each checkpoint the lines are made durable.
 * </ol>
 */
public final class RejectedSink
    implements Sink<RejectedImage>, SupportsWriterState<RejectedImage, LinePosition> {
  private final Path file;

  /**
   * @param file on any Flink file system; a folder of that name where files cannot be appended to
   */
  public RejectedSink(Path file) {
    this.file = Objects.requireNonNull(file, "file");
  }

  @Override
  public StatefulSinkWriter<RejectedImage, LinePosition> createWriter(WriterInitContext context)
      throws IOException {
    return new Writer(JsonLines.begin(file), 0);
  }

  @Override
  public StatefulSinkWriter<RejectedImage, LinePosition> restoreWriter(
      WriterInitContext context, Collection<LinePosition> recovered) throws IOException {
    LinePosition position =
        recovered.stream()
            .max(Comparator.comparingLong(LinePosition::records))
            .orElse(LinePosition.START);
    AtomicLong read = new AtomicLong();
    JsonLines lines =
        JsonLines.open(file, position, line -> read.incrementAndGet() <= position.records());
    return new Writer(lines, position.records());
  }

  @Override
  public SimpleVersionedSerializer<LinePosition> getWriterStateSerializer() {
    return new LinePositionSerializer();
  }

  private static final class Writer implements StatefulSinkWriter<RejectedImage, LinePosition> {
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
    public List<LinePosition> snapshotState(long checkpointId) throws IOException {
      return List.of(lines.position(written));
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}

package io.simmim.pipeline.sink;

import io.simmim.schemas.RejectedImage;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * {@code rejected.jsonl}: each image that could not be used once, with URI, reason and sample id.
 * Runs with parallelism 1.
 *
 * <p>Which image is unreadable depends on the data alone, so lines written after the checkpoint
 * that a run resumes from stay: the same images are rejected again and recognised by their ids.
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
  public SinkWriter<RejectedImage> createWriter(WriterInitContext context) throws IOException {
    return new Writer(JsonLines.open(file, line -> false), new HashSet<>());
  }

  @Override
  public StatefulSinkWriter<RejectedImage, Long> restoreWriter(
      WriterInitContext context, Collection<Long> recovered) throws IOException {
    Set<Long> written = new HashSet<>();
    return new Writer(JsonLines.open(file, line -> isNew(line, written)), written);
  }

  private static boolean isNew(String line, Set<Long> written) {
    OptionalLong id = JsonText.number(line, JsonText.SAMPLE_ID);
    return id.isPresent() && written.add(id.getAsLong());
  }

  @Override
  public SimpleVersionedSerializer<Long> getWriterStateSerializer() {
    return new PositionSerializer();
  }

  private static final class Writer implements StatefulSinkWriter<RejectedImage, Long> {
    private final JsonLines lines;
    private final Set<Long> written;

    Writer(JsonLines lines, Set<Long> written) {
      this.lines = lines;
      this.written = written;
    }

    @Override
    public void write(RejectedImage image, Context context) throws IOException {
      if (written.add(image.sampleId())) {
        lines.append(JsonText.of(image));
      }
    }

    @Override
    public void flush(boolean endOfInput) throws IOException {
      lines.sync();
    }

    /** That there is state tells a restored writer from a new one; its value is for people. */
    @Override
    public List<Long> snapshotState(long checkpointId) {
      return List.of((long) written.size());
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}

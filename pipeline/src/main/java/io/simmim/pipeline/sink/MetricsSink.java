package io.simmim.pipeline.sink;

import io.simmim.schemas.StepMetrics;
import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * {@code metrics.jsonl}: one line per optimizer step, each step once, in order, also after restarts
 * and after resuming from an older savepoint. Runs with parallelism 1.
 *
 * <ol>
 *   <li>Opened without state: the file begins anew.
 *   <li>Opened with state, the end of the lines at the checkpoint: later lines are dropped, since
 *       those steps are taken again. Earlier ones are not read.
 *   <li>Before each checkpoint the lines are made durable, so that no step at or before the
 *       checkpoint can be missing.
 * </ol>
 */
public final class MetricsSink
    implements Sink<StepMetrics>, SupportsWriterState<StepMetrics, LinePosition> {
  private final Path file;

  /**
   * @param file on any Flink file system; a folder of that name where files cannot be appended to
   */
  public MetricsSink(Path file) {
    this.file = Objects.requireNonNull(file, "file");
  }

  @Override
  public SinkWriter<StepMetrics> createWriter(WriterInitContext context) throws IOException {
    return new Writer(JsonLines.begin(file), 0);
  }

  @Override
  public StatefulSinkWriter<StepMetrics, LinePosition> restoreWriter(
      WriterInitContext context, Collection<LinePosition> recovered) throws IOException {
    LinePosition position =
        recovered.stream()
            .max(Comparator.comparingLong(LinePosition::records))
            .orElse(LinePosition.START);
    long step = position.records();
    return new Writer(JsonLines.open(file, position, line -> isAtMost(line, step)), step);
  }

  private static boolean isAtMost(String line, long restored) {
    OptionalLong step = JsonText.number(line, JsonText.STEP);
    return step.isPresent() && step.getAsLong() <= restored;
  }

  @Override
  public SimpleVersionedSerializer<LinePosition> getWriterStateSerializer() {
    return new LinePositionSerializer();
  }

  private static final class Writer implements StatefulSinkWriter<StepMetrics, LinePosition> {
    private final JsonLines lines;
    private long last;

    Writer(JsonLines lines, long last) {
      this.lines = lines;
      this.last = last;
    }

    @Override
    public void write(StepMetrics metrics, Context context) throws IOException {
      if (metrics.step() != last + 1) {
        throw new IllegalStateException(
            "step %d of the metrics must follow step %d".formatted(metrics.step(), last));
      }
      lines.append(JsonText.of(metrics));
      last = metrics.step();
    }

    @Override
    public void flush(boolean endOfInput) throws IOException {
      lines.sync();
    }

    @Override
    public List<LinePosition> snapshotState(long checkpointId) throws IOException {
      return List.of(lines.position(last));
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}

package io.simmim.pipeline.sink;

import io.simmim.schemas.StepMetrics;
import java.io.IOException;
import java.util.Collection;
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
 *   <li>Opened with state, the last step before the checkpoint: later lines are dropped, since
 *       those steps are taken again.
 *   <li>Before each checkpoint the lines are made durable, so that no step at or before the
 *       checkpoint can be missing.
 * </ol>
 */
public final class MetricsSink
    implements Sink<StepMetrics>, SupportsWriterState<StepMetrics, Long> {
  private final Path file;
  private final ProgressReport progress;

  /**
   * @param file on any Flink file system; a folder of that name where files cannot be appended to
   * @param progress what people see of it
   */
  public MetricsSink(Path file, ProgressReport progress) {
    this.file = Objects.requireNonNull(file, "file");
    this.progress = Objects.requireNonNull(progress, "progress");
  }

  @Override
  public SinkWriter<StepMetrics> createWriter(WriterInitContext context) throws IOException {
    return new Writer(JsonLines.open(file, line -> false), 0, progress.start());
  }

  @Override
  public StatefulSinkWriter<StepMetrics, Long> restoreWriter(
      WriterInitContext context, Collection<Long> recovered) throws IOException {
    long restored = recovered.stream().mapToLong(Long::longValue).max().orElse(0);
    return new Writer(
        JsonLines.open(file, line -> isAtMost(line, restored)), restored, progress.start());
  }

  private static boolean isAtMost(String line, long restored) {
    OptionalLong step = JsonText.number(line, JsonText.STEP);
    return step.isPresent() && step.getAsLong() <= restored;
  }

  @Override
  public SimpleVersionedSerializer<Long> getWriterStateSerializer() {
    return new PositionSerializer();
  }

  private static final class Writer implements StatefulSinkWriter<StepMetrics, Long> {
    private final JsonLines lines;
    private final ProgressReport.Reporter reporter;
    private long last;

    Writer(JsonLines lines, long last, ProgressReport.Reporter reporter) {
      this.lines = lines;
      this.last = last;
      this.reporter = reporter;
    }

    @Override
    public void write(StepMetrics metrics, Context context) throws IOException {
      if (metrics.step() != last + 1) {
        throw new IllegalStateException(
            "step %d of the metrics must follow step %d".formatted(metrics.step(), last));
      }
      lines.append(JsonText.of(metrics));
      last = metrics.step();
      reporter.step(metrics);
    }

    @Override
    public void flush(boolean endOfInput) throws IOException {
      lines.sync();
    }

    @Override
    public List<Long> snapshotState(long checkpointId) {
      return List.of(last);
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}

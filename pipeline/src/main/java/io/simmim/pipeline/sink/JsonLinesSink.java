package io.simmim.pipeline.sink;

import io.simmim.schemas.UserError;
import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * One line of JSON per element, each once, in order, also after restarts and after resuming from an
 * older savepoint. Runs with parallelism 1, and refuses another before it touches the file: Flink
 * can be told to rescale any task of a running job, and a second one would begin the file anew.
 *
 * <ol>
 *   <li>Opened without state: the file begins anew.
 *   <li>Opened with state, the end of the lines at the checkpoint: later lines are dropped. Earlier
 *       ones are not read.
 *   <li>Before each checkpoint the lines are made durable, so that no line before the checkpoint
 *       can be missing.
 * </ol>
 */
abstract class JsonLinesSink<T> implements Sink<T>, SupportsWriterState<T, LinePosition> {
  private final Path file;

  /**
   * @param file on any Flink file system; a folder of that name where files cannot be appended to
   */
  JsonLinesSink(Path file) {
    this.file = Objects.requireNonNull(file, "file");
  }

  /**
   * The line of an element.
   *
   * @param number of the line, from 1
   */
  abstract String line(T element, long number);

  /**
   * Tells of each line, in order, whether it is among the first ones; see {@link JsonLines}. These
   * are as many lines, unless a line tells more than its place.
   */
  Predicate<String> isAmongFirst(long lines) {
    AtomicLong read = new AtomicLong();
    return line -> read.incrementAndGet() <= lines;
  }

  @Override
  public StatefulSinkWriter<T, LinePosition> createWriter(WriterInitContext context)
      throws IOException {
    requireOneTask(context, file);
    return new Writer(JsonLines.begin(file), 0);
  }

  @Override
  public StatefulSinkWriter<T, LinePosition> restoreWriter(
      WriterInitContext context, Collection<LinePosition> recovered) throws IOException {
    requireOneTask(context, file);
    LinePosition position =
        recovered.stream()
            .max(Comparator.comparingLong(LinePosition::records))
            .orElse(LinePosition.START);
    long written = position.records();
    return new Writer(JsonLines.open(file, position, isAmongFirst(written)), written);
  }

  /**
   * Refuses to be one of several writers.
   *
   * @throws UserError that names the file
   */
  static void requireOneTask(WriterInitContext context, Path file) {
    int tasks = context.getTaskInfo().getNumberOfParallelSubtasks();
    if (tasks != 1) {
      throw new UserError(
          String.format(
              Locale.ROOT,
              "the parallelism of what writes %s must be 1; only that of the images may change: %d",
              file.getName(),
              tasks));
    }
  }

  @Override
  public SimpleVersionedSerializer<LinePosition> getWriterStateSerializer() {
    return new LinePositionSerializer();
  }

  private final class Writer extends LinesWriter<T> {
    Writer(JsonLines lines, long written) {
      super(lines, written);
    }

    @Override
    public void write(T element, Context context) throws IOException {
      lines.append(line(element, last + 1));
      last++;
    }
  }

  /** Appends lines, and makes them durable before each checkpoint. */
  abstract static class LinesWriter<T> implements StatefulSinkWriter<T, LinePosition> {
    final JsonLines lines;

    /** By which the last element that has a line is known; 0 before the first one. */
    long last;

    LinesWriter(JsonLines lines, long last) {
      this.lines = lines;
      this.last = last;
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

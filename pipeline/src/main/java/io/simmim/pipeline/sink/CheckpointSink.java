package io.simmim.pipeline.sink;

import io.simmim.schemas.checkpoint.CheckpointCost;
import io.simmim.trainer.operator.upload.CheckpointLines;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * {@code checkpoints.jsonl}: one line for each completed checkpoint, each once, in order, and one
 * for each restart from one. Runs with parallelism 1.
 *
 * <p>What a checkpoint took is known only behind it, so lines behind the restored one are not
 * dropped as elsewhere: those of checkpoints up to it stay, and later ones are of a run that went
 * another way. The restored one is told again by the trainer, which then knows only how it was
 * begun: the line that may be there knows more.
 *
 * <p>The checkpoint with which a run ends is complete when this sink is at its end, too. Its line
 * is added by the trainer.
 */
public final class CheckpointSink
    implements Sink<CheckpointCost>,
        SupportsWriterState<CheckpointCost, LinePosition>,
        CheckpointLines {
  private static final long serialVersionUID = 1;

  private final Path file;

  /**
   * @param file on any Flink file system; a folder of that name where files cannot be appended to
   */
  public CheckpointSink(Path file) {
    this.file = Objects.requireNonNull(file, "file");
  }

  @Override
  public StatefulSinkWriter<CheckpointCost, LinePosition> createWriter(WriterInitContext context)
      throws IOException {
    JsonLinesSink.requireOneTask(context, file);
    return new Writer(JsonLines.begin(file), 0);
  }

  /** The state tells no more than that there was a writer before. */
  @Override
  public StatefulSinkWriter<CheckpointCost, LinePosition> restoreWriter(
      WriterInitContext context, Collection<LinePosition> recovered) throws IOException {
    JsonLinesSink.requireOneTask(context, file);
    return reopen(context.getRestoredCheckpointId().orElseThrow());
  }

  /** Goes on from a checkpoint. */
  StatefulSinkWriter<CheckpointCost, LinePosition> reopen(long restored) throws IOException {
    Kept kept = new Kept(restored);
    return new Writer(JsonLines.reopen(file, kept), kept.last);
  }

  @Override
  public void append(List<CheckpointCost> costs) throws IOException {
    JsonLines.append(file, costs.stream().map(JsonText::of).toList());
  }

  @Override
  public SimpleVersionedSerializer<LinePosition> getWriterStateSerializer() {
    return new LinePositionSerializer();
  }

  /** Accepts the lines up to a checkpoint, and remembers the last of them. */
  private static final class Kept implements Predicate<String> {
    private final long restored;
    private long last;

    Kept(long restored) {
      this.restored = restored;
    }

    @Override
    public boolean test(String line) {
      OptionalLong checkpoint = JsonText.number(line, JsonText.CHECKPOINT);
      if (checkpoint.isEmpty() || checkpoint.getAsLong() > restored) {
        return false;
      }
      last = checkpoint.getAsLong();
      return true;
    }
  }

  private static final class Writer extends JsonLinesSink.LinesWriter<CheckpointCost> {
    Writer(JsonLines lines, long last) {
      super(lines, last);
    }

    @Override
    public void write(CheckpointCost cost, Context context) throws IOException {
      if (cost.checkpoint() > last) {
        lines.append(JsonText.of(cost));
        last = cost.checkpoint();
      }
      if (cost.written().isEmpty()) {
        lines.append(JsonText.restart(cost, System.currentTimeMillis()));
        lines.sync(); // the run may fail again before the next checkpoint: that costs as well
      }
    }
  }
}

package io.simmim.pipeline.embed;

import io.simmim.schemas.storage.WholeFile;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Counts the images that are done, and notes in the output when a completed checkpoint has all of
 * them: a client that is gone cannot. Whatever happens then, no row is lost: those that are not in
 * their place yet belong to that checkpoint, and Flink deletes it when all tasks are at their end,
 * which they are once each has put its rows into their place. So the note without a checkpoint says
 * that the rows are complete.
 *
 * <ol>
 *   <li>{@link #initializeState}: takes up the count of a checkpoint. A job that goes on with one
 *       of a build that did not count takes the end of its input for the last image.
 *   <li>{@link #processElement}: adds.
 *   <li>{@link #snapshotState}: keeps the count, and which checkpoint was the first with all.
 *   <li>{@link #notifyCheckpointComplete}: notes that it is complete. A failure restarts the job.
 * </ol>
 *
 * <p>All of it runs on the task thread, of one task.
 */
public final class ImageCount extends AbstractStreamOperator<Long>
    implements OneInputStreamOperator<Long, Long>, BoundedOneInput {
  private static final long serialVersionUID = 1;
  private static final ListStateDescriptor<Long> STATE =
      new ListStateDescriptor<>("images", LongSerializer.INSTANCE);

  private final long images;
  private final String file;
  private final String note;
  private transient ListState<Long> state;
  private transient long done;
  private transient boolean uncounted;
  private transient boolean ended;
  private transient long firstWithAll;
  private transient boolean noted;

  /**
   * @param images how many there are
   * @param file that the note goes into
   * @param note what it holds then
   */
  public ImageCount(long images, Path file, String note) {
    this.images = images;
    this.file = file.toString();
    this.note = note;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    state = context.getOperatorStateStore().getListState(STATE);
    firstWithAll = Long.MAX_VALUE;
    uncounted = context.isRestored();
    for (long before : state.get()) {
      done += before;
      uncounted = false;
    }
  }

  @Override
  public void processElement(StreamRecord<Long> element) {
    done += element.getValue();
  }

  @Override
  public void endInput() {
    ended = true;
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    state.clear();
    if (!uncounted) {
      state.add(done);
    }
    if (done >= images || (uncounted && ended)) {
      firstWithAll = Math.min(firstWithAll, context.getCheckpointId());
    }
  }

  @Override
  public void notifyCheckpointComplete(long checkpoint) throws Exception {
    super.notifyCheckpointComplete(checkpoint);
    if (checkpoint >= firstWithAll && !noted) {
      WholeFile.write(new Path(file), note.getBytes(StandardCharsets.UTF_8));
      noted = true;
    }
  }
}

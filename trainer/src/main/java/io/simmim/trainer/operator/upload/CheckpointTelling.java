package io.simmim.trainer.operator.upload;

import io.simmim.schemas.checkpoint.CheckpointCost;
import io.simmim.schemas.storage.StorageFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what each completed checkpoint took. Belongs to the task thread.
 *
 * <p>Nothing may be emitted behind the end of a run. What completes there is kept until a
 * checkpoint completes that was begun there: with it all tasks have come to their end and written
 * their lines, so that these can be added to.
 */
public final class CheckpointTelling {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointTelling.class);

  private final Consumer<CheckpointCost> emission;
  private final CheckpointLines lines;
  private final List<CheckpointCost> kept = new ArrayList<>();
  private boolean ended;
  private long firstBehindEnd = Long.MAX_VALUE;

  /**
   * @param emission takes what can be emitted
   * @param lines take the rest
   */
  public CheckpointTelling(Consumer<CheckpointCost> emission, CheckpointLines lines) {
    this.emission = emission;
    this.lines = lines;
  }

  /** From now on nothing may be emitted. */
  public void ended() {
    ended = true;
  }

  /** A checkpoint is begun. */
  public void begun(long checkpoint) {
    if (ended) {
      firstBehindEnd = Math.min(firstBehindEnd, checkpoint);
    }
  }

  /** Tells of a checkpoint; what cannot be written at the end is logged. */
  public void tell(CheckpointCost cost) {
    if (!ended) {
      emission.accept(cost);
      return;
    }
    kept.add(cost);
    if (cost.checkpoint() < firstBehindEnd) {
      return;
    }
    try {
      lines.append(List.copyOf(kept));
    } catch (IOException | RuntimeException e) { // some file systems throw these too
      LOG.warn("the last checkpoints have no line: {}", StorageFailure.reason(e));
    }
    kept.clear();
  }
}

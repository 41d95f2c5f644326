package io.simmim.trainer.operator.upload;

import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import java.util.Optional;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a run whose checkpoints do not fit on the disk any more. Flink would give up after some
 * failures in a row without a reason, go back to the newest checkpoint, and do so ten times.
 * Thread-safe.
 */
final class FullDisk {
  /** Flink is told to bear as many; the next one would end the job. */
  static final int BEARABLE = 3;

  private static final Logger LOG = LoggerFactory.getLogger(FullDisk.class);

  private final String output;
  private int inARow;
  private String reason = "";

  /**
   * @param output folder of the run
   */
  FullDisk(String output) {
    this.output = output;
  }

  synchronized void checkpointWritten() {
    inARow = 0;
  }

  synchronized void checkpointFailed(Throwable failure) {
    Optional<String> full = StorageFailure.full(failure);
    if (full.isEmpty()) {
      return;
    }
    inARow++;
    reason = full.get();
    LOG.info("a checkpoint could not be written: {} ({} in a row)", reason, inARow);
  }

  /**
   * Whether to go on.
   *
   * @throws SuppressRestartsException if there has been no room for too long
   */
  synchronized void requireBearable() {
    if (inARow >= BEARABLE) {
      throw new SuppressRestartsException(
          new UserError(
              "cannot write checkpoints to %s: %s; %s"
                  .formatted(output, reason, StorageFailure.MAKE_ROOM)));
    }
  }
}

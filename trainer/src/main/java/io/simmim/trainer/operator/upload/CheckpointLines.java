package io.simmim.trainer.operator.upload;

import io.simmim.schemas.checkpoint.CheckpointCost;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;

/** Lines of checkpoints, to which the trainer adds those of which it cannot emit records. */
@FunctionalInterface
public interface CheckpointLines extends Serializable {
  /**
   * Adds lines behind all others. Whoever writes these has written all and is going to write no
   * more, but may not have closed its file yet.
   */
  void append(List<CheckpointCost> costs) throws IOException;
}

package io.simmim.schemas.checkpoint;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What a completed checkpoint or savepoint took.
 *
 * @param checkpoint its number; later ones of a run have greater numbers
 * @param savepoint whether it is a savepoint
 * @param step complete steps in its state
 * @param epochMillis when it was begun, milliseconds since 1970
 * @param stall how long training stood still for it
 * @param written what is known once it is complete; nothing if the process ended before it heard
 * @param before how far the run had been that now goes on from it, as far as that was noted;
 *     nothing if the run does not, or that is not known
 */
public record CheckpointCost(
    long checkpoint,
    boolean savepoint,
    long step,
    long epochMillis,
    Duration stall,
    Optional<Written> written,
    Optional<Reached> before) {
  public CheckpointCost {
    Objects.requireNonNull(stall, "stall");
    Objects.requireNonNull(written, "written");
    Objects.requireNonNull(before, "before");
  }

  /**
   * What was written.
   *
   * @param bytes of the training state, as they are stored
   * @param upload how long it took to write them, with exports that the checkpoint waits for;
   *     training went on meanwhile
   * @param complete from the beginning of the checkpoint until the trainer heard of its completion
   */
  public record Written(long bytes, Duration upload, Duration complete) {}

  /** The same checkpoint, completed. */
  public CheckpointCost with(Written what) {
    return new CheckpointCost(
        checkpoint, savepoint, step, epochMillis, stall, Optional.of(what), before);
  }

  /** The same checkpoint, from which a run goes on that had been somewhere. */
  public CheckpointCost after(Optional<Reached> place) {
    return new CheckpointCost(checkpoint, savepoint, step, epochMillis, stall, written, place);
  }
}

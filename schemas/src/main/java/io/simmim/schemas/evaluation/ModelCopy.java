package io.simmim.schemas.evaluation;

import java.util.Objects;

/**
 * A copy of the model after a step, which others look at while training goes on.
 *
 * @param step that was complete, from 1
 * @param epoch the step's, from 0
 * @param picture whether a picture is to be drawn of it
 * @param evaluation whether its features are to be measured
 */
public record ModelCopy(long step, int epoch, boolean picture, boolean evaluation, Stage stage) {
  /** How far it is. */
  public enum Stage {
    /** It is being written. */
    DUE,
    /** It lies in storage. */
    WRITTEN,
    /** It could not be written. */
    FAILED
  }

  public ModelCopy {
    Objects.requireNonNull(stage, "stage");
    if (step < 1 || epoch < 0) {
      throw new IllegalArgumentException(
          "a copy must be of a step from 1 and an epoch from 0: %d, %d".formatted(step, epoch));
    }
  }

  /** The same at another stage. */
  public ModelCopy at(Stage other) {
    return new ModelCopy(step, epoch, picture, evaluation, other);
  }
}

package io.simmim.schemas.evaluation;

import java.util.Objects;
import java.util.Optional;

/**
 * What was found of a copy of the model. It tells no time: the same copy has the same findings,
 * whenever they are made.
 *
 * @param step that the copy is of, from 1
 * @param epoch the step's, from 0
 * @param picture whether there is a picture of it
 * @param quality of its features, if that was measured
 * @param problem why something is missing; empty if nothing is
 */
public record ModelFindings(
    long step, int epoch, boolean picture, Optional<FeatureQuality> quality, String problem) {
  public ModelFindings {
    Objects.requireNonNull(quality, "quality");
    Objects.requireNonNull(problem, "problem");
  }

  /** Nothing but a reason. */
  public static ModelFindings none(ModelCopy copy, String problem) {
    return new ModelFindings(copy.step(), copy.epoch(), false, Optional.empty(), problem);
  }
}

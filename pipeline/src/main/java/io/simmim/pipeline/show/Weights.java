package io.simmim.pipeline.show;

import java.util.Optional;

/** Whose weights predict the images of a step, and measure how far off they are. */
public sealed interface Weights {
  /**
   * A model that was exported.
   *
   * @param model folder of an exported model, or output of a run; the run's own if it is not named
   * @param device that it is computed on
   */
  record AtHand(Optional<String> model, String device) implements Weights {}

  /**
   * Those that the step had, on the device that the run is configured for.
   *
   * @param from checkpoint or savepoint that the steps are trained from; chosen if it is not named
   */
  record Replayed(Optional<String> from) implements Weights {}
}

package io.simmim.pipeline.config.watch;

/**
 * What TensorBoard is told.
 *
 * @param enabled whether event files are written
 * @param histogramsEverySteps steps between two histograms of all weights and gradients; 0 = none
 */
public record TensorBoardConfig(boolean enabled, long histogramsEverySteps) {
  public TensorBoardConfig {
    if (histogramsEverySteps < 0) {
      throw new IllegalArgumentException(
          "tensorboard.histograms-every-steps must be at least 0: " + histogramsEverySteps);
    }
    if (histogramsEverySteps > 0 && !enabled) {
      throw new IllegalArgumentException(
          "tensorboard.histograms-every-steps must be 0 where tensorboard.enabled is false: "
              + histogramsEverySteps);
    }
  }
}

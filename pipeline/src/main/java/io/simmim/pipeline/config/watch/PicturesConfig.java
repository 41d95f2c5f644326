package io.simmim.pipeline.config.watch;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * Pictures of what the model makes of the same masked images, while it is trained.
 *
 * @param everySteps optimizer steps between two; 0 = none
 * @param images that are shown
 * @param input where they are from; empty = drawn from the run's list
 */
public record PicturesConfig(long everySteps, int images, List<String> input) {
  private static final int MOST_IMAGES = 16;

  public PicturesConfig {
    input = List.copyOf(input);
    if (everySteps < 0) {
      throw new IllegalArgumentException("pictures.every-steps must be at least 0: " + everySteps);
    }
    if (images < 1 || images > MOST_IMAGES) {
      throw new IllegalArgumentException(
          "pictures.images must be from 1 to %d: %d".formatted(MOST_IMAGES, images));
    }
    EvalConfig.requireUris("pictures.input", input);
  }

  /** Whether there are any. */
  @JsonIgnore
  public boolean isOn() {
    return everySteps > 0;
  }
}

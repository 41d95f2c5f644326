package io.simmim.pipeline.replay;

import io.simmim.trainer.inference.FrozenEncoder;

/**
 * A model as it was before a step.
 *
 * @param encoder with the weights that the step had
 * @param origin what it was replayed from, and how many steps, for people
 */
public record ReplayedStep(FrozenEncoder encoder, String origin) implements AutoCloseable {
  @Override
  public void close() {
    encoder.close();
  }
}

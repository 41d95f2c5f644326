package io.simmim.trainer.device;

/** What tells the classes of images. Belongs to the thread of its {@code Learner}. */
public interface Classifier {
  /**
   * What the model says of images, without stochastic depth. Changes nothing.
   *
   * @return (m, C), logits
   */
  float[] logits(MicroBatch batch);
}

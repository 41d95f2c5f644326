package io.simmim.trainer.loop;

import io.simmim.trainer.device.MicroBatch;

/** What tells the classes of images. Belongs to the thread of its {@link Learner}. */
public interface Classifier {
  /**
   * What the model says of images, without stochastic depth. Changes nothing.
   *
   * @return (m, C), logits
   */
  float[] logits(MicroBatch batch);
}

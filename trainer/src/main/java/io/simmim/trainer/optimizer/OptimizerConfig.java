package io.simmim.trainer.optimizer;

import java.io.Serializable;

/**
 * AdamW (Loshchilov and Hutter, 2019) with clipping of the gradients' 2-norm.
 *
 * @param weightDecay for parameters of two and more dimensions that the model does not exempt
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param clipGradNorm largest 2-norm of all gradients together; 0 = measured, not clipped
 */
public record OptimizerConfig(
    double weightDecay, double beta1, double beta2, double epsilon, double clipGradNorm)
    implements Serializable {

  public OptimizerConfig {
    if (!(weightDecay >= 0 && Double.isFinite(weightDecay))) {
      throw new IllegalArgumentException(
          "optimizer.weight-decay must be at least 0: " + weightDecay);
    }
    if (!(beta1 >= 0 && beta1 < 1)) {
      throw new IllegalArgumentException(
          "optimizer.beta1 must be at least 0 and below 1: " + beta1);
    }
    if (!(beta2 >= 0 && beta2 < 1)) {
      throw new IllegalArgumentException(
          "optimizer.beta2 must be at least 0 and below 1: " + beta2);
    }
    if (!(epsilon > 0 && Double.isFinite(epsilon))) {
      throw new IllegalArgumentException("optimizer.epsilon must be above 0: " + epsilon);
    }
    if (!(clipGradNorm >= 0 && Double.isFinite(clipGradNorm))) {
      throw new IllegalArgumentException(
          "optimizer.clip-grad-norm must be at least 0 (0 = no clipping): " + clipGradNorm);
    }
  }
}

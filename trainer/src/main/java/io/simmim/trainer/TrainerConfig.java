package io.simmim.trainer;

import io.simmim.trainer.model.ClusterColors;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.optimizer.OptimizerConfig;
import java.io.Serializable;
import java.util.Objects;

/**
 * Everything that the model and its optimizer are made of.
 *
 * @param model what is trained
 * @param colors of the model's target, if that is clusters of colours
 * @param optimizer AdamW and clipping
 * @param precision arithmetic of the forward and backward pass
 * @param threads threads of one operation on the CPU
 * @param device {@code cpu}, or {@code gpu0} and so on
 * @param seed of the initial parameters and of stochastic depth
 */
public record TrainerConfig(
    ModelConfig model,
    ClusterColors colors,
    OptimizerConfig optimizer,
    Precision precision,
    int threads,
    String device,
    long seed)
    implements Serializable {

  public TrainerConfig {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(colors, "colors");
    Objects.requireNonNull(optimizer, "optimizer");
    Objects.requireNonNull(precision, "precision");
    if (threads < 1) {
      throw new IllegalArgumentException("training.threads must be at least 1: " + threads);
    }
    requireDevice(device);
  }

  /**
   * Checks the name of a device.
   *
   * @throws IllegalArgumentException if no device is called so
   */
  public static void requireDevice(String device) {
    if (!device.matches("cpu|gpu[0-9]{1,2}")) {
      throw new IllegalArgumentException("training.device must be cpu or gpu0, gpu1 …: " + device);
    }
  }
}

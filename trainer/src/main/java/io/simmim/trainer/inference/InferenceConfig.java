package io.simmim.trainer.inference;

import io.simmim.trainer.device.TrainingSettings;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.torch.Precision;
import java.util.Objects;

/**
 * How a trained model is computed.
 *
 * @param model what it is
 * @param colors of the model's target, if that is clusters of colours
 * @param precision arithmetic of the passes
 * @param threads threads of one operation on the CPU, at least 1
 * @param device {@code cpu}, or {@code gpu0} and so on
 */
public record InferenceConfig(
    ModelConfig model, ClusterColors colors, Precision precision, int threads, String device) {
  public InferenceConfig {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(colors, "colors");
    Objects.requireNonNull(precision, "precision");
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1: " + threads);
    }
    TrainingSettings.requireDevice(device);
  }
}

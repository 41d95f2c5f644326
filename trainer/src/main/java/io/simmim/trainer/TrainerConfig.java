package io.simmim.trainer;

import io.simmim.trainer.model.EncoderConfig;
import io.simmim.trainer.model.LossConfig;
import io.simmim.trainer.model.TargetConfig;
import io.simmim.trainer.optimizer.OptimizerConfig;
import java.io.Serializable;
import java.util.Objects;

/**
 * Everything that the model and its optimizer are made of.
 *
 * @param imageSize side S of the images in pixels; divisible by the encoder's patch size
 * @param maskSide side G of the masks that come with the images; divides the model-patch grid
 * @param encoder shape of the encoder
 * @param target what is predicted
 * @param loss how far off a prediction is
 * @param optimizer AdamW and clipping
 * @param precision arithmetic of the forward and backward pass
 * @param threads threads of one operation on the CPU
 * @param device {@code cpu}, or {@code gpu0} and so on
 * @param seed of the initial parameters and of stochastic depth
 */
public record TrainerConfig(
    int imageSize,
    int maskSide,
    EncoderConfig encoder,
    TargetConfig target,
    LossConfig loss,
    OptimizerConfig optimizer,
    Precision precision,
    int threads,
    String device,
    long seed)
    implements Serializable {

  public TrainerConfig {
    Objects.requireNonNull(encoder, "encoder");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(loss, "loss");
    Objects.requireNonNull(optimizer, "optimizer");
    Objects.requireNonNull(precision, "precision");
    Objects.requireNonNull(device, "device");
    encoder.requireFits(imageSize);
    int grid = imageSize / encoder.patchSize();
    if (maskSide < 1 || grid % maskSide != 0) {
      throw new IllegalArgumentException(
          "the side of the mask grid must divide the model-patch grid %d: %d"
              .formatted(grid, maskSide));
    }
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1: " + threads);
    }
    if (!device.matches("cpu|gpu[0-9]{1,2}")) {
      throw new IllegalArgumentException("device must be cpu or gpu0, gpu1 …: " + device);
    }
  }
}

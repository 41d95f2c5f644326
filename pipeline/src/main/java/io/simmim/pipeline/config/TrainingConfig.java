package io.simmim.pipeline.config;

import io.simmim.trainer.device.TrainingSettings;
import io.simmim.trainer.torch.Precision;
import java.util.Objects;

/**
 * How long and in which portions the model is trained, and on what.
 *
 * @param epochs passes over the data
 * @param microBatch images per forward and backward pass
 * @param accumulation micro-batches per optimizer step
 * @param chunkImages images per record on the wire; 0 chooses
 * @param precision arithmetic of the forward and backward pass
 * @param recompute whether the backward pass computes activations within blocks anew
 * @param device {@code cpu}, or {@code gpu0} and so on
 * @param threads threads of libtorch on the CPU; 0 takes one per core of the machine that trains
 */
public record TrainingConfig(
    int epochs,
    int microBatch,
    int accumulation,
    int chunkImages,
    Precision precision,
    boolean recompute,
    String device,
    int threads) {
  private static final int MOST_EPOCHS = 1_000_000;

  public TrainingConfig {
    Objects.requireNonNull(precision, "precision");
    TrainingSettings.requireDevice(device);
    if (epochs < 1 || epochs > MOST_EPOCHS) {
      throw new IllegalArgumentException(
          "training.epochs must be from 1 to %d: %d".formatted(MOST_EPOCHS, epochs));
    }
    atLeast("training.micro-batch", 1, microBatch);
    atLeast("training.accumulation", 1, accumulation);
    atLeast("training.chunk-images", 0, chunkImages);
    atLeast("training.threads", 0, threads);
  }

  private static void atLeast(String key, int least, int value) {
    if (value < least) {
      throw new IllegalArgumentException("%s must be at least %d: %d".formatted(key, least, value));
    }
  }
}

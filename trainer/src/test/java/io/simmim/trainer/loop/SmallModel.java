package io.simmim.trainer.loop;

import io.simmim.schemas.TensorChunk;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.encoder.RelativePositionBias;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.optimizer.OptimizerConfig;
import io.simmim.trainer.torch.Precision;
import java.util.List;
import java.util.Random;

/** A model that trains in milliseconds, and images for it. */
public final class SmallModel {
  static final int IMAGE_SIZE = 32;
  static final int MASK_SIDE = 2;
  static final OptimizerConfig OPTIMIZER = new OptimizerConfig(0.05, 0.9, 0.999, 1e-8, 5);

  private SmallModel() {}

  static EncoderConfig encoder(double dropPathRate) {
    return new EncoderConfig(
        EncoderType.VIT,
        8,
        32,
        List.of(3),
        List.of(2),
        0,
        0,
        4,
        true,
        true,
        RelativePositionBias.SHARED,
        0.1,
        dropPathRate);
  }

  static TrainerConfig config(EncoderConfig encoder, Precision precision) {
    // One thread: with more, the steps of so small a model mostly wait for each other.
    return new TrainerConfig(
        ModelConfig.simmim(IMAGE_SIZE, MASK_SIDE, encoder),
        ClusterColors.NONE,
        OPTIMIZER,
        precision,
        1,
        "cpu",
        7);
  }

  public static TrainerConfig config() {
    return config(encoder(0), Precision.FP32);
  }

  /** Random images, each with two of its four mask patches masked. */
  static TensorChunk chunk(int images, long seed) {
    Random random = new Random(seed);
    byte[] pixels = new byte[images * 3 * IMAGE_SIZE * IMAGE_SIZE];
    random.nextBytes(pixels);
    byte[] masks = new byte[images * MASK_SIDE * MASK_SIDE];
    for (int image = 0; image < images; image++) {
      int masked = random.nextInt(MASK_SIDE * MASK_SIDE);
      masks[image * 4 + masked] = 1;
      masks[image * 4 + (masked + 1 + random.nextInt(3)) % 4] = 1;
    }
    return new TensorChunk(0, 0, IMAGE_SIZE, MASK_SIDE, new long[images], pixels, masks, List.of());
  }

  static MicroBatch batch(int images, long seed) {
    return MicroBatch.of(List.of(chunk(images, seed)));
  }

  /** Called by reflection from {@code TwoClassLoadersMain}. */
  public static double lossOfOneStep() {
    try (TrainingModel model = TrainingModel.create(config())) {
      model.accumulateNow(batch(2, 1), 0, 1);
      model.update(1e-3);
      return model.accumulateNow(batch(2, 1), 1, 1);
    }
  }
}

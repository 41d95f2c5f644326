package io.simmim.trainer.export;

import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.loop.SmallModels;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.torch.Precision;
import java.io.IOException;
import java.nio.file.Path;

/** A small model with drawn parameters, as an export has it, and what it makes of images. */
public final class SavedModel {
  private SavedModel() {}

  /**
   * Exports a model.
   *
   * @return the mean of its features over all cells of images without masks, (m, C)
   */
  public static float[] write(ModelConfig config, Path folder, int images) throws IOException {
    TrainerConfig trainer = SmallModels.trainer(config, Precision.FP32);
    try (TrainingModel model = TrainingModel.create(trainer)) {
      try (StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
        new ModelWriter(trainer).write(new org.apache.flink.core.fs.Path(folder.toUri()), snapshot);
      }
      return model.features(unmasked(config, images)).mean();
    }
  }

  /** The images, with masks that mask nothing. */
  public static MicroBatch unmasked(ModelConfig config, int images) {
    return MicroBatch.normalised(
        config.imageSize(),
        config.maskSide(),
        SmallModels.pixels(images, 3),
        new byte[images * config.maskSide() * config.maskSide()]);
  }
}

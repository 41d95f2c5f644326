package io.simmim.pipeline.command;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.trainer.export.ModelWriter;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A small model that nobody has trained. */
public final class RandomModel {
  private RandomModel() {}

  public static void write(Path folder) throws IOException {
    TrainerConfig trainer =
        new ConfigLoader()
            .preset("vit-tiny")
            .set(List.of("training.threads=1"))
            .load()
            .config()
            .trainer(ClusterColors.NONE);
    try (TrainingModel model = TrainingModel.create(trainer);
        StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      new ModelWriter(trainer).write(new org.apache.flink.core.fs.Path(folder.toUri()), snapshot);
    }
  }
}

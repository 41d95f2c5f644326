package io.simmim.pipeline.run.folder;

import io.simmim.schemas.UserError;
import io.simmim.trainer.export.ModelCopies;
import io.simmim.trainer.export.ModelPaths;
import java.io.IOException;
import org.apache.flink.core.fs.Path;

/** The model that a run writes when it has taken all its steps. */
public final class TrainedModel {
  private TrainedModel() {}

  /**
   * Whether a run has nothing left to do. Of a model that is looked at while it is trained, all
   * copies must have been looked at too, as long as there is a checkpoint to go on with that.
   *
   * @param lookedAt whether it is looked at while it is trained
   */
  public static boolean isComplete(RunFolder folder, boolean lookedAt) {
    Path weights = weights(folder);
    try {
      return RunFolder.exists(folder.files(), weights)
          && !(lookedAt
              && ModelCopies.of(folder.root().toString()).areWaiting()
              && !RestorePoint.all(folder).isEmpty());
    } catch (IOException e) {
      throw unreadable(weights, e);
    }
  }

  /**
   * Whether the model was written since the run was last started, and not in a course that was
   * abandoned. Checkpoints do not tell: Flink deletes those of a job that came to its end, but a
   * process that ends at once may leave the last one, which is newer than the model.
   */
  public static boolean isNewest(RunFolder folder) {
    Path weights = weights(folder);
    try {
      long exported = folder.files().getFileStatus(weights).getModificationTime();
      return exported >= folder.files().getFileStatus(folder.run()).getModificationTime();
    } catch (IOException e) {
      throw unreadable(weights, e);
    }
  }

  private static UserError unreadable(Path weights, IOException failure) {
    return new UserError("cannot read %s: %s".formatted(weights, failure.getMessage()), failure);
  }

  private static Path weights(RunFolder folder) {
    return new Path(ModelPaths.trained(folder.root().toString()) + "/" + ModelPaths.WEIGHTS);
  }
}

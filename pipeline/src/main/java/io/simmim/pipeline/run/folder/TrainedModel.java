package io.simmim.pipeline.run.folder;

import static io.simmim.pipeline.run.folder.RunFolder.readable;

import io.simmim.pipeline.sink.stored.StoredLines;
import io.simmim.schemas.UserError;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.text.PrintableText;
import io.simmim.trainer.export.ModelCopies;
import io.simmim.trainer.export.ModelPaths;
import io.simmim.trainer.model.DescriptionJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalLong;
import org.apache.flink.core.fs.Path;

/** The model that a run writes when it has taken all its steps. */
public final class TrainedModel {
  private TrainedModel() {}

  /**
   * Whether a run has nothing left to do. The model appears before the last lines do, which are on
   * their way to their files then, and a run may be killed in between. So as long as there is a
   * checkpoint or savepoint to go on with, there must also be the line of the last step; and of a
   * model that is looked at while it is trained, all copies must have been looked at. Other lines,
   * such as those of rejected images, come to their files when they want: all are there when a
   * checkpoint of the last step is complete, or the checkpoints of a job that came to its end are
   * deleted.
   *
   * @param lookedAt whether it is looked at while it is trained
   * @param steps of the whole run
   */
  public static boolean isComplete(RunFolder folder, boolean lookedAt, long steps) {
    Path weights = weights(folder);
    try {
      if (!RunFolder.exists(folder.files(), weights)) {
        return false;
      }
      boolean allDone =
          steps(folder) >= steps
              && !(lookedAt && ModelCopies.of(folder.root().toString()).areWaiting());
      // Earlier builds have no lines of checkpoints.
      if (allDone && lastStep(folder.checkpointCosts()).orElse(steps) >= steps) {
        return true;
      }
      List<RestorePoint> points = RestorePoint.all(folder);
      return points.isEmpty() || (allDone && points.stream().allMatch(RestorePoint::savepoint));
    } catch (IOException e) {
      throw unreadable(weights, e);
    }
  }

  /**
   * Checks that the files of a model that is there are whole. Who finds that a run is complete goes
   * and uses its model, and a checkpoint that it could be written from may be deleted by then.
   *
   * @throws UserError that says what is wrong with which file, and how to get the model again
   */
  public static void requireWhole(RunFolder folder) {
    Path weights = weights(folder);
    Path description = new Path(weights.getParent(), ModelPaths.CONFIG);
    try (InputStream in = folder.files().open(weights)) {
      SafetensorsFile.requireWhole(in, folder.files().getFileStatus(weights).getLen());
    } catch (IOException e) {
      throw damaged(folder, weights, StorageFailure.reason(e), e);
    }
    try {
      DescriptionJson.parse(folder.read(description).orElse(""));
    } catch (IllegalArgumentException e) {
      throw damaged(folder, description, e.getMessage(), e);
    }
  }

  private static UserError damaged(RunFolder folder, Path file, String reason, Exception cause) {
    String again =
        RestorePoint.newestGood(folder)
            .map(
                point ->
                    "delete the folder %s, and the same command goes on from %s and writes it again"
                        .formatted(readable(folder.model()), readable(point.path())))
            .orElse(
                "there is no checkpoint to write it again from: take it from a copy of yours, or"
                    + " --resume none trains it again");
    return new UserError(
        "all steps are done, but the model is damaged: %s (%s); %s"
            .formatted(readable(file), PrintableText.of(reason), again),
        cause);
  }

  /**
   * The last step whose line is in the metrics; 0 before the first.
   *
   * @throws UserError if that cannot be read
   */
  public static long steps(RunFolder folder) {
    try {
      return lastStep(folder.metrics()).orElse(0);
    } catch (IOException e) {
      throw unreadable(folder.metrics(), e);
    }
  }

  /** That of the last line; nothing if there is none. */
  private static OptionalLong lastStep(Path lines) throws IOException {
    return StoredLines.last(lines)
        .map(line -> OptionalLong.of(line.path("step").asLong()))
        .orElse(OptionalLong.empty());
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

  private static UserError unreadable(Path file, IOException failure) {
    return new UserError("cannot read %s: %s".formatted(file, failure.getMessage()), failure);
  }

  private static Path weights(RunFolder folder) {
    return new Path(ModelPaths.trained(folder.root().toString()) + "/" + ModelPaths.WEIGHTS);
  }
}

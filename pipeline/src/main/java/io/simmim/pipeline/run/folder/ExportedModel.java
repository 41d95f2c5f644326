package io.simmim.pipeline.run.folder;

import io.simmim.schemas.storage.FolderContent;
import io.simmim.trainer.export.ModelPaths;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;

/** Where the exported model is that a user means by a folder. */
public final class ExportedModel {
  private ExportedModel() {}

  /**
   * The folder of an exported model: the given one, or, if that is the output of a run, the one
   * with its trained model, or else the newest one between epochs.
   *
   * @return nothing if there is none
   */
  public static Optional<Path> in(Path root) throws IOException {
    Path trained = new Path(ModelPaths.trained(root.toString()));
    for (Path folder : List.of(root, trained)) {
      if (hasWeights(folder)) {
        return Optional.of(folder);
      }
    }
    List<Path> betweenEpochs =
        FolderContent.of(root).stream()
            .filter(FileStatus::isDir)
            .map(FileStatus::getPath)
            .filter(path -> ModelPaths.epochsOf(path.getName()).isPresent())
            .sorted(
                Comparator.comparingLong(
                        (Path path) -> ModelPaths.epochsOf(path.getName()).getAsLong())
                    .reversed())
            .toList();
    for (Path folder : betweenEpochs) {
      if (hasWeights(folder)) {
        return Optional.of(folder);
      }
    }
    return Optional.empty();
  }

  /** They are written last. */
  private static boolean hasWeights(Path folder) throws IOException {
    return RunFolder.exists(folder.getFileSystem(), new Path(folder, ModelPaths.WEIGHTS));
  }
}

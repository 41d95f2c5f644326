package io.simmim.pipeline.export;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.labelled.StoredSets;
import io.simmim.pipeline.run.folder.RestorePoint;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.trainer.export.ModelPaths;
import io.simmim.trainer.export.ModelWriter;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.operator.StoredTraining;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is exported: a model's folder, or the weights of a checkpoint, which are in a temporary
 * folder until this is closed.
 *
 * @param model the model
 * @param unpacked the temporary folder, if there is one
 */
public record ExportSource(ModelFolder model, Optional<Path> unpacked) implements AutoCloseable {
  /** Groups of keys, or keys, that a model follows from. */
  private static final Set<String> OF_THE_MODEL =
      Set.of(
          "objective",
          "encoder",
          "head",
          "target",
          "loss",
          "image.size",
          "image.mean",
          "image.std",
          "mask.patch-size");

  /**
   * Finds it.
   *
   * @param uri output of a run, folder of a model, checkpoint or savepoint
   * @throws UserError if there is no model, or it cannot be read
   */
  public static ExportSource find(String uri) throws IOException {
    try {
      if (!RestorePoint.isAt(StorageUri.path("--from", uri))) {
        return new ExportSource(ModelFolder.find("--from", uri), Optional.empty());
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError(
          "--from cannot be read: %s (%s)".formatted(uri, StorageFailure.reason(e)), e);
    }
    Path folder = Files.createTempDirectory("simmim-export");
    try (StoredTraining training = RestorePoint.at(uri).training()) {
      TrainerConfig config = config(training.configuration());
      new ModelWriter(config).write(new org.apache.flink.core.fs.Path(folder.toUri()), training);
      return new ExportSource(ModelFolder.find("--from", folder.toString()), Optional.of(folder));
    } catch (IOException | RuntimeException e) {
      delete(folder);
      throw e;
    }
  }

  private static TrainerConfig config(Map<String, String> values) {
    if (values.containsKey(StoredSets.LABELS)) {
      throw new UserError(
          "--from must be the output of the run or an exported model with a fine-tuning, whose"
              + " classes a checkpoint has not got");
    }
    if ("clusters".equals(values.get("target.type"))) {
      throw new UserError(
          "--from must be the output of the run or an exported model with target.type clusters, whose"
              + " colours a checkpoint has not got");
    }
    List<String> assignments =
        values.entrySet().stream()
            .filter(value -> isOfTheModel(value.getKey()))
            .map(value -> value.getKey() + "=" + value.getValue())
            .toList();
    return new ConfigLoader().set(assignments).load().config().trainer(ClusterColors.NONE);
  }

  private static boolean isOfTheModel(String key) {
    return OF_THE_MODEL.contains(key) || OF_THE_MODEL.contains(key.replaceFirst("\\..*", ""));
  }

  private static void delete(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve(ModelPaths.CONFIG));
    Files.deleteIfExists(folder.resolve(ModelPaths.WEIGHTS));
    Files.delete(folder);
  }

  @Override
  public void close() throws IOException {
    if (unpacked.isPresent()) {
      delete(unpacked.get());
    }
  }
}

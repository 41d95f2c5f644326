package io.simmim.pipeline.evaluate;

import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.storage.FolderContent;
import io.simmim.schemas.storage.ObjectStore;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.schemas.text.PrintableText;
import io.simmim.trainer.export.ModelDescription;
import io.simmim.trainer.export.ModelPaths;
import io.simmim.trainer.inference.FrozenEncoder;
import io.simmim.trainer.inference.InferenceConfig;
import io.simmim.trainer.state.InitialState;
import io.simmim.trainer.torch.Precision;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Optional;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * An exported model that a user names: its folder, or the output of a run, whose trained model it
 * is then or, if the run goes on, the newest one between epochs.
 *
 * @param folder with its two files
 */
public record ModelFolder(Path folder, ModelDescription description) {
  private static final int LONGEST_CONFIG = 1 << 20;

  /**
   * Finds a model.
   *
   * @param uri on any Flink file system
   * @throws UserError if there is none, or its description is not one
   */
  public static ModelFolder find(String uri) {
    try {
      Path root = StorageUri.path("--model", uri);
      Path folder =
          existing(root)
              .or(() -> existing(new Path(ModelPaths.trained(root.toString()))))
              .or(() -> newest(root))
              .orElseThrow(
                  () ->
                      new UserError(
                          "no exported model: %s (allowed: a folder with %s and %s, or the output of a run that has exported one)"
                              .formatted(uri, ModelPaths.CONFIG, ModelPaths.WEIGHTS)));
      return new ModelFolder(folder, description(folder));
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError(
          "--model cannot be read: %s (%s)".formatted(uri, StorageFailure.reason(e)), e);
    }
  }

  /** The folder, if it has weights: they are written last. */
  private static Optional<Path> existing(Path folder) {
    try {
      FileSystem files = folder.getFileSystem();
      return RunFolder.exists(files, new Path(folder, ModelPaths.WEIGHTS))
          ? Optional.of(folder)
          : Optional.empty();
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  private static Optional<Path> newest(Path output) {
    try {
      return FolderContent.of(output).stream()
          .filter(FileStatus::isDir)
          .map(FileStatus::getPath)
          .filter(path -> ModelPaths.epochsOf(path.getName()).isPresent())
          .sorted(
              Comparator.comparingLong(
                      (Path path) -> ModelPaths.epochsOf(path.getName()).getAsLong())
                  .reversed())
          .filter(path -> existing(path).isPresent())
          .findFirst();
    } catch (IOException e) {
      throw unreadable(output, e);
    }
  }

  private static UserError unreadable(Path path, IOException cause) {
    return new UserError(
        "--model cannot be read: %s (%s)".formatted(path, StorageFailure.reason(cause)), cause);
  }

  private static ModelDescription description(Path folder) throws IOException {
    Path file = new Path(folder, ModelPaths.CONFIG);
    byte[] text;
    try (InputStream in = file.getFileSystem().open(file)) {
      text = in.readNBytes(LONGEST_CONFIG);
    }
    try {
      return ModelDescription.parse(new String(text, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw new UserError(
          "%s does not describe a model: %s"
              .formatted(RunFolder.readable(file), PrintableText.of(e.getMessage())),
          e);
    }
  }

  /** Side of the images that the model takes. */
  public int imageSize() {
    return description.model().imageSize();
  }

  /**
   * Loads the weights. Each operation runs in the thread that calls it.
   *
   * @param device {@code cpu}, or {@code gpu0} and so on
   * @throws UserError if they are not those of the description
   */
  public FrozenEncoder open(String device) throws IOException {
    Path weights = new Path(folder, ModelPaths.WEIGHTS);
    if (ObjectStore.isLocal(weights.getFileSystem().getUri().getScheme())) {
      return open(device, java.nio.file.Path.of(weights.getPath()));
    }
    java.nio.file.Path copy = Files.createTempFile("simmim-model", ".safetensors");
    try (InputStream in = weights.getFileSystem().open(weights)) {
      Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
      return open(device, copy);
    } finally {
      Files.delete(copy);
    }
  }

  private FrozenEncoder open(String device, java.nio.file.Path weights) {
    InferenceConfig config =
        new InferenceConfig(description.model(), description.colors(), Precision.FP32, 1, device);
    try (SafetensorsFile file = SafetensorsFile.open(weights)) {
      return FrozenEncoder.load(config, new InitialState.Weights(file, ""));
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError(
          "%s does not hold the weights of the model beside it: %s"
              .formatted(
                  RunFolder.readable(new Path(folder, ModelPaths.WEIGHTS)),
                  PrintableText.reason(e)),
          e);
    }
  }
}

package io.simmim.pipeline.evaluate;

import io.simmim.pipeline.run.folder.ExportedModel;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.LocalCopy;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.schemas.text.PrintableText;
import io.simmim.trainer.export.ModelDescription;
import io.simmim.trainer.export.ModelPaths;
import io.simmim.trainer.inference.FrozenEncoder;
import io.simmim.trainer.inference.InferenceConfig;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.weights.NamedTensors;
import io.simmim.trainer.weights.WeightFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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
          ExportedModel.in(root)
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
    try (LocalCopy copy = LocalCopy.of(weights)) {
      return open(device, copy.path());
    }
  }

  private FrozenEncoder open(String device, java.nio.file.Path weights) {
    InferenceConfig config =
        new InferenceConfig(description.model(), description.colors(), Precision.FP32, 1, device);
    try (NamedTensors file = WeightFile.open(weights)) {
      return FrozenEncoder.load(config, file);
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

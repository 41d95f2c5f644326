package io.simmim.pipeline.evaluate;

import io.simmim.pipeline.run.folder.ExportedModel;
import io.simmim.pipeline.run.folder.NewestPart;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.storage.FolderContent;
import io.simmim.schemas.storage.LocalCopy;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.schemas.text.KebabCase;
import io.simmim.schemas.text.PrintableText;
import io.simmim.trainer.export.ModelPaths;
import io.simmim.trainer.inference.FrozenAttention;
import io.simmim.trainer.inference.FrozenEncoder;
import io.simmim.trainer.inference.InferenceConfig;
import io.simmim.trainer.interop.ForeignModel;
import io.simmim.trainer.interop.ForeignModel.Absent;
import io.simmim.trainer.interop.layout.ClassifierHead;
import io.simmim.trainer.interop.layout.ForeignText;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.interop.names.TensorSource;
import io.simmim.trainer.model.ModelDescription;
import io.simmim.trainer.model.encoder.EncoderType;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.operator.weights.DescriptionFiles;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.weights.FiniteWeights;
import io.simmim.trainer.weights.NamedTensors;
import io.simmim.trainer.weights.SafetensorsTensors;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.core.fs.Path;

/**
 * An exported model that a user names: its folder, or the output of a run, whose trained model it
 * is then or, if the run goes on, the newest one between epochs.
 *
 * @param folder with its two files
 * @param description what the model is; of a classifier its encoder, with the head for pixels that
 *     it lacks
 * @param head the classifier, if it is one
 * @param missing official names of what the model of a library has not got, such as a mask token
 * @param notes what the user should know of it, one line each
 */
public record ModelFolder(
    Path folder,
    ModelDescription description,
    Optional<ClassifierHead> head,
    Set<String> missing,
    List<String> notes) {
  private static final String MASK_TOKEN = "mask_token";

  public ModelFolder {
    missing = Set.copyOf(missing);
    notes = List.copyOf(notes);
  }

  /**
   * Finds a model.
   *
   * @param uri on any Flink file system
   * @throws UserError if there is none, or its description is not one
   */
  public static ModelFolder find(String uri) {
    return find("--model", uri);
  }

  /**
   * The same for an option of another name.
   *
   * @param option that the user named it by
   */
  public static ModelFolder find(String option, String uri) {
    try {
      return read(option, uri);
    } catch (IOException e) {
      throw unreadable(option, uri, e);
    }
  }

  /**
   * The same for those who can try again.
   *
   * @throws IOException if storage fails and may be back
   */
  public static ModelFolder read(String option, String uri) throws IOException {
    try {
      Path root = StorageUri.path(option, uri);
      return NewestPart.read(
          () -> described(ExportedModel.in(root).orElseThrow(() -> noModel(option, uri, root))));
    } catch (IOException e) {
      if (StorageFailure.isRefusal(e)) {
        throw unreadable(option, uri, e);
      }
      throw e;
    } catch (IllegalArgumentException e) {
      throw unreadable(option, uri, e);
    }
  }

  private static UserError noModel(String option, String uri, Path root) {
    return FolderContent.hindrance(root)
        .map(e -> unreadable(option, uri, e))
        .orElseGet(
            () ->
                new UserError(
                    "no exported model: %s (allowed: a folder with %s and %s, or the output of a run that has exported one)"
                        .formatted(uri, ModelPaths.CONFIG, ModelPaths.WEIGHTS)));
  }

  private static UserError unreadable(String option, String uri, Exception cause) {
    return new UserError(
        "%s cannot be read: %s (%s)".formatted(option, uri, StorageFailure.reason(cause)), cause);
  }

  private static ModelFolder described(Path folder) throws IOException {
    ForeignText text = text(folder);
    try {
      if (!ForeignModel.isForeign(text.config())) {
        return new ModelFolder(
            folder, ModelDescription.parse(text.config()), Optional.empty(), Set.of(), List.of());
      }
      try (LocalCopy weights = LocalCopy.of(weights(folder));
          SafetensorsFile file = SafetensorsFile.open(weights.path())) {
        ForeignModel model = foreign(text, file);
        return new ModelFolder(
            folder,
            new ModelDescription(model.model(), ClusterColors.NONE),
            model.head(),
            model.missing(),
            notes(folder, model));
      }
    } catch (IllegalArgumentException e) {
      throw new UserError(
          "%s does not describe a model: %s"
              .formatted(
                  RunFolder.readable(new Path(folder, ModelPaths.CONFIG)),
                  PrintableText.of(e.getMessage())),
          e);
    }
  }

  private static List<String> notes(Path folder, ForeignModel model) {
    boolean assumed = model.library() == Library.HUGGINGFACE && !model.saysNormalization();
    return assumed
        ? List.of(
            "no %s says how images are shown: with ImageNet's mean and deviation"
                .formatted(RunFolder.readable(new Path(folder, ForeignText.PREPROCESSOR))))
        : List.of();
  }

  private static ForeignText text(Path folder) throws IOException {
    return DescriptionFiles.in(folder)
        .orElseThrow(
            () ->
                new FileNotFoundException(RunFolder.readable(new Path(folder, ModelPaths.CONFIG))));
  }

  private static Path weights(Path folder) {
    return new Path(folder, ModelPaths.WEIGHTS);
  }

  private static ForeignModel foreign(ForeignText text, SafetensorsFile file) throws IOException {
    return ForeignModel.read(text, TensorSource.of(new SafetensorsTensors(file, "")))
        .orElseThrow(() -> new IllegalStateException("the configuration was a library's"));
  }

  /** SHA-256 of the file of weights, in lower-case hexadecimal. */
  public String digest() throws IOException {
    try (LocalCopy weights = LocalCopy.of(weights(folder))) {
      return weights.sha256();
    }
  }

  /** Side of the images that the model takes. */
  public int imageSize() {
    return description.model().imageSize();
  }

  /**
   * Checks that the model predicts pixels of masked images.
   *
   * @throws UserError if it has no head for them, or no mask token
   */
  public void requirePrediction() {
    if (head.isPresent()) {
      throw new UserError(
          "--model must have a head for pixels, as models that were pre-trained have; this is a classifier: "
              + RunFolder.readable(folder));
    }
    if (!missing.isEmpty()) {
      String lacking =
          missing.stream()
              .map(name -> name.endsWith(MASK_TOKEN) ? "no mask token" : "no head for pixels")
              .distinct()
              .sorted()
              .collect(Collectors.joining(" and "));
      throw new UserError(
          "--model must have a head for pixels and a mask token, as models that were pre-trained have; this one has %s: %s"
              .formatted(lacking, RunFolder.readable(folder)));
    }
  }

  /** As it goes to another layout. */
  public PortableModel portable() {
    return new PortableModel(description.model(), head);
  }

  /** What is done with weights. */
  public interface WeightsUse<T> {
    /**
     * Uses them.
     *
     * @param file under official names; closed afterwards
     * @throws IllegalArgumentException if they are not those of the description
     */
    T apply(SafetensorsFile file) throws IOException;
  }

  /**
   * Opens the weights under the official names of a model that is pre-trained, whatever layout the
   * folder has: those of another one are written into a temporary file first, with zeros for what
   * it has not got.
   *
   * @throws UserError if they are not those of the description, or storage refuses them
   * @throws IOException if storage fails and may be back, or the temporary file cannot be written
   */
  public <T> T use(WeightsUse<T> use) throws IOException {
    ForeignText text = readFile(() -> text(folder));
    try (LocalCopy weights = readFile(() -> LocalCopy.of(weights(folder)))) {
      if (!ForeignModel.isForeign(text.config())) {
        return use(weights.path(), use);
      }
      try (LocalWeights official = official(text, weights)) {
        return use(official.path(), use);
      }
    }
  }

  /** What is on this machine and cannot be used is no file of weights. */
  private <T> T use(java.nio.file.Path local, WeightsUse<T> use) {
    try (SafetensorsFile file = SafetensorsFile.open(local)) {
      return use.apply(file);
    } catch (IOException | IllegalArgumentException e) {
      throw notTheWeights(e);
    }
  }

  /** Reads a file of the model. If that is gone, the error says that a run may have deleted it. */
  private <T> T readFile(NewestPart.Reading<T> reading) throws IOException {
    try {
      return reading.read();
    } catch (IOException e) {
      if (StorageFailure.isRefusal(e)) {
        String hint = StorageFailure.isMissing(e) ? " (a run that goes on deletes older ones)" : "";
        throw new UserError(
            "the model in %s cannot be read: %s%s"
                .formatted(RunFolder.readable(folder), StorageFailure.reason(e), hint),
            e);
      }
      throw e;
    }
  }

  private UserError notTheWeights(Exception cause) {
    return new UserError(
        "%s does not hold the weights of the model beside it: %s"
            .formatted(RunFolder.readable(weights(folder)), PrintableText.reason(cause)),
        cause);
  }

  private LocalWeights official(ForeignText text, LocalCopy weights) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(weights.path())) {
      ForeignModel model = foreign(text, file);
      return LocalWeights.write(
          model.official(Absent.ZERO),
          Map.of(
              ForeignModel.LAYOUT,
              model.layout(),
              ForeignModel.ABSENT,
              String.join(",", model.missing())));
    } catch (IllegalArgumentException e) {
      throw notTheWeights(e);
    }
  }

  /**
   * Loads the weights. Each operation runs in the thread that calls it.
   *
   * @param device {@code cpu}, or {@code gpu0} and so on
   * @throws UserError if they are not those of the description or not finite, or storage refuses
   *     them
   * @throws IOException as {@link #use}
   */
  public FrozenEncoder open(String device) throws IOException {
    return use(file -> FrozenEncoder.load(inference(device), weights(file)));
  }

  /**
   * Loads the weights to look at what heads attend to, in the same way.
   *
   * @throws UserError if they are not those of the description or not finite, or a model of its
   *     type has no attention
   */
  public FrozenAttention openAttention(String device) throws IOException {
    EncoderType type = description.model().encoder().type();
    if (type == EncoderType.RESNET) {
      throw new UserError(
          "--model must have attention, as a vit, swin or swinv2 has: %s (%s)"
              .formatted(KebabCase.of(type), RunFolder.readable(folder)));
    }
    return use(file -> FrozenAttention.load(inference(device), weights(file)));
  }

  /** Images would go through damaged or diverged ones without a word. */
  private static NamedTensors weights(SafetensorsFile file) {
    return new FiniteWeights(new SafetensorsTensors(file, ""));
  }

  private InferenceConfig inference(String device) {
    return new InferenceConfig(
        description.model(), description.colors(), Precision.FP32, 1, device);
  }
}

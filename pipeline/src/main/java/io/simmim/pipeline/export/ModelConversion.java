package io.simmim.pipeline.export;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.storage.FolderContent;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.trainer.export.FolderWriter;
import io.simmim.trainer.export.FolderWriter.Content;
import io.simmim.trainer.export.HeldTensor;
import io.simmim.trainer.export.ModelPaths;
import io.simmim.trainer.export.SafetensorsWriter;
import io.simmim.trainer.inference.FrozenEncoder;
import io.simmim.trainer.inference.InferenceConfig;
import io.simmim.trainer.inference.LinearClassifier;
import io.simmim.trainer.interop.ForeignExport;
import io.simmim.trainer.interop.ForeignModel;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.interop.layout.PortableModel;
import io.simmim.trainer.interop.names.OfficialTensors;
import io.simmim.trainer.interop.names.TensorSource;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.objective.ObjectiveSettings;
import io.simmim.trainer.model.target.TargetType;
import io.simmim.trainer.state.StateReader;
import io.simmim.trainer.torch.Precision;
import io.simmim.trainer.weights.FiniteWeights;
import io.simmim.trainer.weights.SafetensorsTensors;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;

/**
 * Writes a model in another layout.
 *
 * @param source the model
 * @param format the layout
 * @param target folder that is written
 * @param tensors file for inputs and what the model makes of them, if wanted
 */
public record ModelConversion(
    ModelFolder source, ExportFormat format, String target, Optional<Path> tensors) {
  private static final int THREADS = 1;
  private static final String PAGE = "README.md";
  private static final String PREPROCESSOR = "preprocessor_config.json";

  /** Files that are written. */
  private static final List<String> NAMES =
      List.of(ModelPaths.CONFIG, PREPROCESSOR, PAGE, ModelPaths.WEIGHTS);

  /**
   * What was written.
   *
   * @param folder where it is
   * @param architecture class or registered name that loads it; empty for the official names
   * @param leftOut tensors of a library's model that the class has no place for
   */
  public record Written(
      org.apache.flink.core.fs.Path folder, String architecture, Set<String> leftOut) {}

  /**
   * Writes the folder.
   *
   * @throws UserError if the format cannot represent the model, a weight is not finite, or the
   *     target cannot be written
   */
  public Written run() throws IOException {
    org.apache.flink.core.fs.Path folder = folder();
    tensors.ifPresent(ModelConversion::requireWritable);
    return source.use(
        file -> {
          try {
            return write(folder, file);
          } catch (FiniteWeights.NotFinite e) {
            throw new UserError(
                "the model in %s cannot be exported (did its training diverge?): %s"
                    .formatted(RunFolder.readable(source.folder()), e.getMessage()),
                e);
          }
        });
  }

  private org.apache.flink.core.fs.Path folder() {
    try {
      org.apache.flink.core.fs.Path folder = StorageUri.path("--to", target);
      FileSystem files = folder.getFileSystem();
      if (RunFolder.exists(files, folder)
          && !(files.getFileStatus(folder).isDir() && isOfAnExport(FolderContent.of(folder)))) {
        throw new UserError(
            "--to must be a new folder, an empty one, or one with an exported model: " + target);
      }
      if (StorageUri.isSamePlace(folder, source.folder())) {
        throw new UserError(
            "--to must not be the model that is exported, which it would replace: " + target);
      }
      return folder;
    } catch (IOException | IllegalArgumentException e) {
      throw unwritable(e);
    }
  }

  /**
   * Whether a folder is one of an export, or of one that came to no end: {@code config.json} comes
   * first, and a page of the user's alone is none.
   */
  private static boolean isOfAnExport(List<FileStatus> content) {
    List<String> names = content.stream().map(file -> file.getPath().getName()).toList();
    if (names.contains(ModelPaths.WEIGHTS)) {
      return true;
    }
    boolean begun = names.contains(ModelPaths.CONFIG);
    return names.stream()
        .allMatch(
            name ->
                (begun && NAMES.contains(name))
                    || NAMES.stream().anyMatch(file -> FolderWriter.isPartial(name, file)));
  }

  /** Before the model is written, which would be there without them. */
  private static void requireWritable(Path tensors) {
    Path folder = tensors.toAbsolutePath().getParent();
    if (Files.isDirectory(tensors)) {
      throw unwritable(tensors, "it is a folder");
    }
    if (!Files.isDirectory(folder)) {
      throw unwritable(tensors, "there is no folder " + folder);
    }
    if (!Files.isWritable(Files.exists(tensors) ? tensors : folder)) {
      throw unwritable(tensors, "permission denied");
    }
  }

  private static UserError unwritable(Path tensors, String reason) {
    return new UserError("--tensors cannot be written: %s (%s)".formatted(tensors, reason));
  }

  private UserError unwritable(Exception cause) {
    return new UserError(
        "--to cannot be written: %s (%s)".formatted(target, StorageFailure.reason(cause)), cause);
  }

  private Written write(org.apache.flink.core.fs.Path folder, SafetensorsFile file)
      throws IOException {
    PortableModel model = source.portable();
    String layout = file.metadata().getOrDefault(ForeignModel.LAYOUT, "");
    Set<String> absent = absent(file);
    TensorSource official =
        TensorSource.of(new FiniteWeights(new SafetensorsTensors(file, ""))).without(absent);
    Map<String, Content> contents = new LinkedHashMap<>();
    Optional<Library> library = format.library(model.isClassifier());
    boolean hasHead = true;
    String architecture = "";
    Set<String> leftOut = Set.of();
    if (library.isPresent()) {
      ForeignExport export = export(library.get(), model, official, layout);
      StateReader weights = tensors(export);
      hasHead = export.hasHead();
      architecture = export.architecture();
      leftOut = export.leftOut();
      RunFacts facts = facts();
      ObjectNode json = export.config();
      if (library.get() == Library.SIMMIM) {
        facts.keepIn(json);
      }
      add(contents, ModelPaths.CONFIG, json);
      export.preprocessor().ifPresent(shown -> add(contents, PREPROCESSOR, shown));
      if (library.get() != Library.SIMMIM) {
        add(
            contents,
            PAGE,
            ModelCard.of(model, export, facts, ForeignModel.isOfOthers(layout)).text());
      }
      addWeights(
          contents,
          weights,
          export.counters().stream().map(name -> HeldTensor.integer(name, 0)).toList(),
          Map.of("format", "pt"));
    } else {
      requireWhole(absent);
      add(contents, ModelPaths.CONFIG, source.description().json());
      Map<String, String> metadata = new LinkedHashMap<>(Map.of("format", "pt"));
      if (!layout.isEmpty()) {
        metadata.put(ForeignModel.LAYOUT, layout);
      }
      addWeights(contents, OfficialTensors.of(official), List.of(), metadata);
    }
    try {
      FolderWriter.write(folder, contents);
    } catch (IOException e) {
      throw unwritable(e);
    }
    if (tensors.isPresent()) {
      writeSamples(file, hasHead, tensors.get());
    }
    return new Written(folder, architecture, leftOut);
  }

  private RunFacts facts() {
    try {
      return RunFacts.of(source.folder());
    } catch (IOException e) {
      throw new UserError(
          "cannot read the run of the model in %s: %s"
              .formatted(RunFolder.readable(source.folder()), StorageFailure.reason(e)),
          e);
    }
  }

  private static Set<String> absent(SafetensorsFile file) {
    String names = file.metadata().getOrDefault(ForeignModel.ABSENT, "");
    return names.isEmpty() ? Set.of() : Set.of(names.split(","));
  }

  private static void requireWhole(Set<String> absent) {
    if (!absent.isEmpty()) {
      throw new UserError(
          "--format simmim needs what the model has not got: %s (it is read as it is where a model is asked for)"
              .formatted(String.join(", ", new TreeSet<>(absent))));
    }
  }

  private static ForeignExport export(
      Library library, PortableModel model, TensorSource official, String layout)
      throws IOException {
    try {
      return ForeignExport.of(library, model, official, layout);
    } catch (IllegalArgumentException e) {
      throw new UserError(
          "--format %s cannot represent the model: %s"
              .formatted(library.formatName(), e.getMessage()),
          e);
    }
  }

  private static StateReader tensors(ForeignExport export) {
    try {
      return export.tensors();
    } catch (IllegalArgumentException e) {
      throw new UserError(
          "--format %s needs what the model has not got: %s"
              .formatted(export.library().formatName(), e.getMessage()),
          e);
    }
  }

  private static void add(Map<String, Content> contents, String name, ObjectNode json) {
    DefaultPrettyPrinter lines =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    contents.put(
        name,
        target ->
            target.write(
                (new ObjectMapper().writer(lines).writeValueAsString(json) + "\n")
                    .getBytes(StandardCharsets.UTF_8)));
  }

  private static void add(Map<String, Content> contents, String name, String text) {
    contents.put(name, target -> target.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static void addWeights(
      Map<String, Content> contents,
      StateReader state,
      List<HeldTensor> more,
      Map<String, String> metadata) {
    contents.put(
        ModelPaths.WEIGHTS,
        target -> SafetensorsWriter.writeParameters(state, more, metadata, target));
  }

  private void writeSamples(SafetensorsFile file, boolean hasHead, Path target) throws IOException {
    ModelConfig model = SampleTensors.model(source.description().model());
    InferenceConfig config =
        new InferenceConfig(model, source.description().colors(), Precision.FP32, THREADS, "cpu");
    List<HeldTensor> samples;
    try (FrozenEncoder encoder = FrozenEncoder.load(config, new SafetensorsTensors(file, ""))) {
      SampleTensors made = new SampleTensors(encoder, model, format);
      if (hasHead && model.target().type() == TargetType.PIXELS) {
        made.addReconstruction();
      }
      // transformers hides patches at random from the encoder, too, where a model draws its masks.
      if (!ObjectiveSettings.of(model.objective().type()).drawsMasks()
          || format != ExportFormat.HUGGINGFACE) {
        made.addFeatures();
      }
      if (source.head().isPresent()) {
        made.addLogits(LinearClassifier.read(model, new SafetensorsTensors(file, "")));
      }
      samples = made.tensors();
    }
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(target))) {
      SafetensorsWriter.write(samples, Map.of(), out);
    } catch (IOException e) {
      throw new UserError(
          "--tensors cannot be written: %s (%s)".formatted(target, StorageFailure.reason(e)), e);
    }
  }
}

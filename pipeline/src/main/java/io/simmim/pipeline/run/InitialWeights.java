package io.simmim.pipeline.run;

import static io.simmim.pipeline.run.folder.RunFolder.readable;

import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.run.folder.ExportedModel;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.Normalization;
import io.simmim.schemas.UserError;
import io.simmim.schemas.storage.LocalCopy;
import io.simmim.schemas.storage.StorageFailure;
import io.simmim.schemas.storage.StorageUri;
import io.simmim.schemas.text.PrintableText;
import io.simmim.trainer.export.ModelPaths;
import io.simmim.trainer.interop.ForeignModel;
import io.simmim.trainer.interop.ForeignTensors;
import io.simmim.trainer.interop.layout.ForeignText;
import io.simmim.trainer.interop.layout.Library;
import io.simmim.trainer.model.MaskedImageModel;
import io.simmim.trainer.model.ModelConfig;
import io.simmim.trainer.model.ModelDescription;
import io.simmim.trainer.model.classifier.ClassificationModel;
import io.simmim.trainer.model.encoder.EncoderConfig;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.model.target.TargetType;
import io.simmim.trainer.operator.weights.GivenWeights;
import io.simmim.trainer.weights.FittedWeights;
import io.simmim.trainer.weights.NamedTensors;
import io.simmim.trainer.weights.WeightsReference;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * The weights that a run begins with, {@code init-from}: looked at where the run is prepared, so
 * that what does not fit is refused before a job is submitted, and read again where it is trained.
 *
 * @param reference which file it is, and its digest
 * @param notes what the user should know when the run begins, one line each
 */
record InitialWeights(WeightsReference reference, List<String> notes) {
  /** The configuration key. */
  static final String KEY = "init-from";

  /** With the names of many classes. */
  private static final int LONGEST_DESCRIPTION = 1 << 25;

  /**
   * The weights that a configuration names, if it does. A run that is continued does not need them
   * any more: where they are gone, it is taken that they were those that it began with.
   *
   * @param resume what the run is to begin with
   * @throws UserError if they cannot be read, or are not those of the configured model
   */
  static Optional<InitialWeights> of(SimmimConfig config, Resume resume) {
    if (config.initFrom() == null) {
      return Optional.empty();
    }
    try {
      Path given = StorageUri.path(KEY, config.initFrom());
      Path path = given.makeQualified(given.getFileSystem());
      Optional<Path> file = file(path);
      Optional<String> before =
          resume.choice() == Resume.Choice.NONE ? Optional.empty() : earlier(config.output());
      if (file.isPresent()) {
        return Optional.of(of(config, file.get(), before.isEmpty()));
      }
      return Optional.of(
          before
              .map(
                  digest ->
                      new InitialWeights(new WeightsReference(path.toString(), digest), List.of()))
              .orElseThrow(() -> missing(config.initFrom())));
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(config, e);
    }
  }

  /**
   * The weights that a run began with, if it did. Whether they still are those is told where they
   * are read.
   *
   * @throws UserError if there are none any more
   */
  static Optional<WeightsReference> begun(SimmimConfig config, RunRecord run) {
    Optional<String> digest = WeightsReference.parseDigest(run.identity().values().get(KEY));
    if (digest.isEmpty() || config.initFrom() == null) {
      return Optional.empty();
    }
    try {
      Path given = StorageUri.path(KEY, config.initFrom());
      Path path = given.makeQualified(given.getFileSystem());
      Path file = file(path).orElseThrow(() -> missing(config.initFrom()));
      return Optional.of(new WeightsReference(file.toString(), digest.get()));
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(config, e);
    }
  }

  private static UserError unreadable(SimmimConfig config, Exception e) {
    return new UserError(
        "%s cannot be read: %s (%s)"
            .formatted(KEY, config.initFrom(), PrintableText.of(StorageFailure.reason(e))),
        e);
  }

  private static UserError missing(String text) {
    return new UserError(
        "%s has no weights: %s (allowed: a file with weights, an exported model, or the output of a run that has exported one)"
            .formatted(KEY, text));
  }

  /** What the run in an output began with, if there is one and it began with weights. */
  private static Optional<String> earlier(String output) throws IOException {
    Path path = StorageUri.path("output", output);
    if (!RunFolder.exists(path.getFileSystem(), path)) {
      return Optional.empty();
    }
    return RunRecord.read(RunFolder.open(output))
        .map(run -> run.identity().values().get(KEY))
        .flatMap(WeightsReference::parseDigest);
  }

  /**
   * @param isNew whether the run begins; one that goes on has begun with what it is configured for
   */
  private static InitialWeights of(SimmimConfig config, Path file, boolean isNew)
      throws IOException {
    if (isNew) {
      requireAsDescribed(config, file);
    }
    try (LocalCopy copy = LocalCopy.of(file)) {
      String digest = copy.sha256();
      WeightsReference reference = new WeightsReference(file.toString(), digest);
      List<String> notes = new ArrayList<>();
      notes.add("beginning with the weights in " + readable(file));
      try (FittedWeights weights = fit(config, open(config, file, copy, isNew, notes), file)) {
        weights.requireFinite();
        notes.addAll(weights.notes());
        return new InitialWeights(reference, notes);
      }
    }
  }

  private static FittedWeights fit(SimmimConfig config, NamedTensors tensors, Path file)
      throws IOException {
    return config.finetune().isOn()
        ? FittedWeights.ofClassifier(
            readable(file), new ClassificationModel(config.classifier(1)).parameters(), tensors)
        : FittedWeights.of(readable(file), model(config).parameters(), tensors);
  }

  private static NamedTensors open(
      SimmimConfig config, Path file, LocalCopy copy, boolean isNew, List<String> notes)
      throws IOException {
    NamedTensors tensors = GivenWeights.open(file, copy.path());
    if (isNew && tensors instanceof ForeignTensors foreign) {
      try {
        requireAsDescribed(config, foreign.model(), file, notes);
      } catch (UserError e) {
        tensors.close();
        throw e;
      }
    }
    return tensors;
  }

  private static void requireAsDescribed(
      SimmimConfig config, ForeignModel foreign, Path file, List<String> notes) {
    requireSameEncoder(config, foreign.model().encoder(), file);
    if (!foreign.extra().isEmpty()) {
      notes.add("left over, as no model here has it: " + foreign.leftOver());
    }
    boolean transformers = foreign.library() == Library.HUGGINGFACE;
    if (foreign.saysNormalization()) {
      String source = transformers ? ForeignText.PREPROCESSOR : ModelPaths.CONFIG;
      requireSameNormalization(config, foreign.model().normalization(), beside(file, source));
    } else if (transformers) {
      notes.add(
          "no %s says how images are shown: image.mean is %s, image.std %s"
              .formatted(
                  readable(beside(file, ForeignText.PREPROCESSOR)),
                  config.image().mean(),
                  config.image().std()));
    }
  }

  private static Path beside(Path weights, String name) {
    return new Path(weights.getParent(), name);
  }

  /** Its parameters do not depend on which colours it tells apart. */
  private static MaskedImageModel model(SimmimConfig config) {
    ModelConfig model = config.model();
    int colors = model.target().type() == TargetType.CLUSTERS ? model.target().clusters() : 0;
    return new MaskedImageModel(model, new ClusterColors(new float[3 * colors]));
  }

  /** The file itself, or that of an exported model. */
  private static Optional<Path> file(Path path) throws IOException {
    FileSystem files = path.getFileSystem();
    if (RunFolder.exists(files, path) && !files.getFileStatus(path).isDir()) {
      return Optional.of(path);
    }
    return ExportedModel.in(path).map(folder -> new Path(folder, ModelPaths.WEIGHTS));
  }

  /** What an exported model says of itself, and the shapes of its weights do not tell. */
  private static void requireAsDescribed(SimmimConfig config, Path weights) throws IOException {
    Path description = beside(weights, ModelPaths.CONFIG);
    if (!weights.getName().equals(ModelPaths.WEIGHTS)
        || !RunFolder.exists(description.getFileSystem(), description)) {
      return;
    }
    ModelConfig before;
    try (InputStream in = description.getFileSystem().open(description)) {
      String text = new String(in.readNBytes(LONGEST_DESCRIPTION), StandardCharsets.UTF_8);
      before = ModelDescription.parse(text).model();
    } catch (IllegalArgumentException e) {
      return; // that of another library, or of something else
    }
    requireSameEncoder(config, before.encoder(), weights);
    requireSameNormalization(config, before.normalization(), description);
  }

  /** Windows that a position bias was first trained with count where there are some. */
  private static void requireSameEncoder(SimmimConfig config, EncoderConfig before, Path weights) {
    requireSame(
        "encoder.num-heads",
        before.numHeads(),
        beside(weights, ModelPaths.CONFIG),
        config.encoder().numHeads());
    if (!before.pretrainedWindowSizes().isEmpty()) {
      requireSame(
          "encoder.pretrained-window-sizes",
          before.pretrainedWindowSizes(),
          beside(weights, ModelPaths.CONFIG),
          config.encoder().pretrainedWindowSizes());
    }
  }

  private static void requireSameNormalization(
      SimmimConfig config, Normalization before, Path description) {
    if (!before.equals(config.image().normalization())) {
      throw new UserError(
          "image.mean must be %s and image.std %s, as %s says: %s and %s"
              .formatted(
                  before.mean(),
                  before.deviation(),
                  readable(description),
                  config.image().mean(),
                  config.image().std()));
    }
  }

  private static void requireSame(
      String key, List<? extends Number> before, Path description, List<? extends Number> now) {
    if (!before.equals(now)) {
      throw new UserError(
          "%s must be %s, as %s says: %s".formatted(key, before, readable(description), now));
    }
  }
}

package io.simmim.pipeline.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.trainer.device.MicroBatch;
import io.simmim.trainer.export.ModelWriter;
import io.simmim.trainer.inference.FrozenEncoder;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateSnapshot;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class ModelConversionTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<Double> HALF = List.of(0.5, 0.5, 0.5);
  private static final int GRAY = 200;

  @TempDir private Path folder;

  @AfterEach
  void heal() {
    BrittleFileSystem.heal();
  }

  private Path write(String... changes) throws IOException {
    List<String> assignments =
        new ArrayList<>(List.of("encoder.depth=1", "encoder.embed-dim=24", "training.threads=1"));
    assignments.addAll(List.of(changes));
    TrainerConfig trainer =
        new ConfigLoader()
            .preset("vit-tiny")
            .set(assignments)
            .load()
            .config()
            .trainer(ClusterColors.NONE);
    Path model = folder.resolve("run/model");
    try (TrainingModel training = TrainingModel.create(trainer);
        StateSnapshot snapshot = training.snapshot(Gradients.NONE)) {
      new ModelWriter(trainer).write(new org.apache.flink.core.fs.Path(model.toUri()), snapshot);
    }
    return model;
  }

  private Path convert(Path from, ExportFormat format, String to) throws IOException {
    Path target = folder.resolve(to);
    new ModelConversion(
            ModelFolder.find("--from", from.toString()),
            format,
            target.toString(),
            Optional.of(folder.resolve(to + ".st")))
        .run();
    return target;
  }

  private static float[] features(Path model) throws IOException {
    return features(model, MicroBatch.normalised(96, 6, new float[3 * 96 * 96], new byte[36]));
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing/samples.st", "run"})
  void looksAtTheFileOfSamplesBeforeTheModelIsWritten(String samples) throws IOException {
    Path model = write();
    Path target = folder.resolve("theirs");
    ModelConversion conversion =
        new ModelConversion(
            ModelFolder.find("--from", model.toString()),
            ExportFormat.TIMM,
            target.toString(),
            Optional.of(folder.resolve(samples)));

    assertThatThrownBy(conversion::run)
        .isInstanceOf(UserError.class)
        .hasMessage(
            "--tensors cannot be written: %s (%s)",
            folder.resolve(samples),
            samples.equals("run") ? "it is a folder" : "there is no folder " + folder + "/missing");
    assertThat(target).doesNotExist();
  }

  @Test
  void writesWhatTransformersAndModelsHereRead() throws IOException {
    Path model = write("encoder.absolute-position=true", "encoder.relative-position-bias=none");

    Path theirs = convert(model, ExportFormat.HUGGINGFACE, "theirs");
    Path ours = convert(theirs, ExportFormat.SIMMIM, "ours");

    assertThat(theirs)
        .isDirectoryContaining("glob:**/config.json")
        .isDirectoryContaining("glob:**/preprocessor_config.json")
        .isDirectoryContaining("glob:**/README.md");
    assertThat(theirs.resolve("README.md"))
        .content()
        .startsWith("---\nlibrary_name: transformers\n")
        .contains("| class | `ViTForMaskedImageModeling` |", "pre-trained with SimMIM");
    assertThat(features(theirs)).isEqualTo(features(model));
    assertThat(features(ours)).isEqualTo(features(model));
    try (SafetensorsFile samples = SafetensorsFile.open(folder.resolve("theirs.st"))) {
      assertThat(samples.tensors())
          .containsOnlyKeys("images", "masks", "reconstruction", "features");
      assertThat(samples.tensor("features").shape()).containsExactly(2L, 37L, 24L);
      assertThat(samples.tensor("masks").shape()).containsExactly(2L, 36L);
    }
  }

  /** Whoever gave it to the library may have trained it in any way. */
  @Test
  void claimsNothingOfHowAModelOfALibraryWasTrained() throws IOException {
    Path model = write("encoder.absolute-position=true", "encoder.relative-position-bias=none");
    Path theirs = convert(model, ExportFormat.HUGGINGFACE, "theirs");

    Path timm = convert(theirs, ExportFormat.TIMM, "timm");

    assertThat(timm.resolve("README.md"))
        .content()
        .contains("# Vision Transformer, converted\n", "model.forward_features(")
        .doesNotContain("SimMIM", "self-supervised", "pre-trained", "| target |");
  }

  /** As google/vit-base-patch16-224 is: both libraries keep it, and so does a folder of ours. */
  @Test
  void showsImagesAsTheLibrarySaysAndSaysItAgain() throws IOException {
    Path imagenet = write("encoder.absolute-position=true", "encoder.relative-position-bias=none");
    Path theirs = convert(imagenet, ExportFormat.HUGGINGFACE, "theirs");
    Path preprocessor = theirs.resolve("preprocessor_config.json");
    ObjectNode shown = (ObjectNode) JSON.readTree(preprocessor.toFile());
    shown.putPOJO("image_mean", HALF).putPOJO("image_std", HALF);
    Files.writeString(preprocessor, JSON.writeValueAsString(shown));

    Path again = convert(theirs, ExportFormat.HUGGINGFACE, "again");
    Path timm = convert(theirs, ExportFormat.TIMM, "timm");
    Path ours = convert(theirs, ExportFormat.SIMMIM, "ours");

    JsonNode written = JSON.readTree(again.resolve("preprocessor_config.json").toFile());
    assertThat(written.path("image_mean")).hasToString("[0.5,0.5,0.5]");
    assertThat(written.path("image_std")).hasToString("[0.5,0.5,0.5]");
    JsonNode timms = JSON.readTree(timm.resolve("config.json").toFile()).path("pretrained_cfg");
    assertThat(timms.path("mean")).hasToString("[0.5,0.5,0.5]");
    assertThat(timms.path("std")).hasToString("[0.5,0.5,0.5]");
    float[] expected = features(imagenet, MicroBatch.normalised(96, 6, constant(), new byte[36]));
    MicroBatch levels =
        MicroBatch.of(
            List.of(new TensorChunk(0, 0, 96, 6, new long[1], gray(), new byte[36], List.of())));
    for (Path model : List.of(theirs, again, timm, ours)) {
      assertThat(features(model, levels)).as(model.toString()).isEqualTo(expected);
    }
    assertThat(features(imagenet, levels)).isNotEqualTo(expected);
  }

  private static byte[] gray() {
    byte[] levels = new byte[3 * 96 * 96];
    Arrays.fill(levels, (byte) GRAY);
    return levels;
  }

  private static float[] constant() {
    float[] values = new float[3 * 96 * 96];
    Arrays.fill(values, (GRAY / 255f - 0.5f) / 0.5f);
    return values;
  }

  private static float[] features(Path model, MicroBatch image) throws IOException {
    try (FrozenEncoder encoder = ModelFolder.find(model.toString()).open("cpu")) {
      return encoder.features(image).tokens();
    }
  }

  @Test
  void namesWhatTheEncoderAloneLacks() throws IOException {
    Path timm = convert(write(), ExportFormat.TIMM, "timm");

    assertThat(features(timm)).hasSize(37 * 24);
    assertThatThrownBy(() -> convert(timm, ExportFormat.SIMMIM, "ours"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "--format simmim needs what the model has not got: decoder.0.bias, decoder.0.weight,"
                + " encoder.mask_token (it is read as it is where a model is asked for)");
  }

  @Test
  void saysWhatALibraryCannotRepresent() throws IOException {
    Path model =
        write(
            "encoder.absolute-position=true",
            "encoder.relative-position-bias=none",
            "head.type=mlp");

    assertThatThrownBy(() -> convert(model, ExportFormat.HUGGINGFACE, "theirs"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "--format huggingface cannot represent the model: ViTForMaskedImageModeling predicts by"
                + " one linear layer, this model by head.type mlp; --format timm (the encoder alone)"
                + " can");
  }

  /** Another library would load them without a word. */
  @EnumSource
  @ParameterizedTest
  void refusesWeightsThatAreNoNumbersAndKeepsTheEarlierExport(ExportFormat format)
      throws IOException {
    Path model = write("encoder.absolute-position=true", "encoder.relative-position-bias=none");
    Path weights = model.resolve("model.safetensors");
    Path target = convert(model, format, "theirs");
    byte[] earlier = Files.readAllBytes(target.resolve("model.safetensors"));
    try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
      file.seek(file.length() / 2 / Float.BYTES * Float.BYTES); // in the encoder, which all write
      file.writeInt(Integer.reverseBytes(Float.floatToRawIntBits(Float.NaN)));
    }

    assertThatThrownBy(() -> convert(model, format, "theirs"))
        .isInstanceOf(UserError.class)
        .hasMessageMatching(
            Pattern.quote("the model in " + model)
                + " cannot be exported \\(did its training diverge\\?\\): weights must be finite: a"
                + " value of encoder\\.[a-z_.0-9]+ is NaN");
    assertThat(target.resolve("model.safetensors")).hasBinaryContent(earlier);
  }

  @CsvSource({"thesis.tex", "README.md", "preprocessor_config.json"})
  @ParameterizedTest
  void leavesFoldersOfSomethingElseAlone(String name) throws IOException {
    Path model = write();
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve(name), "mine");

    assertThatThrownBy(() -> convert(model, ExportFormat.TIMM, "other"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "--to must be a new folder, an empty one, or one with an exported model: %s", other);
    assertThat(other.resolve(name)).hasContent("mine");
  }

  @ParameterizedTest
  @ValueSource(strings = {"notes", "model.safetensors"})
  void takesNoFileForAFolder(String name) throws IOException {
    Path model = write();
    Path file = Files.writeString(folder.resolve(name), "mine");

    assertThatThrownBy(() -> convert(model, ExportFormat.TIMM, name))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "--to must be a new folder, an empty one, or one with an exported model: %s", file);
    assertThat(file).hasContent("mine");
  }

  /** Not every format has all of a model, such as its head. */
  @Test
  void leavesTheModelThatIsExportedAlone() throws IOException {
    Path model = write();
    byte[] weights = Files.readAllBytes(model.resolve("model.safetensors"));
    Files.createSymbolicLink(folder.resolve("link"), model);

    for (String target : List.of(folder.relativize(model).toString(), "link")) {
      assertThatThrownBy(() -> convert(model, ExportFormat.TIMM, target))
          .isInstanceOf(UserError.class)
          .hasMessage(
              "--to must not be the model that is exported, which it would replace: %s",
              folder.resolve(target));
    }
    assertThat(model.resolve("model.safetensors")).hasBinaryContent(weights);
  }

  @Test
  void canBeRepeatedWhereverStorageFailedBefore() throws IOException {
    ModelFolder model = ModelFolder.find(write().toString());
    BrittleFileSystem.heal();
    convert(model, "oss://" + folder.resolve("undisturbed"));
    int operations = BrittleFileSystem.operations();
    assertThat(operations).isGreaterThan(4);

    int failures = 0;
    for (int successes = 0; successes < operations; successes++) {
      String target = "oss://" + folder.resolve("disturbed-" + successes);
      BrittleFileSystem.failAfter(successes);
      Throwable failure = catchThrowable(() -> convert(model, target));
      if (failure == null) { // all is there, and what is unfinished could not be looked for
        assertThat(folder.resolve("disturbed-" + successes + "/model.safetensors")).exists();
      } else {
        failures++;
        assertThat(failure)
            .isInstanceOf(UserError.class)
            .hasMessage("--to cannot be written: %s (killed)", target);
      }
      BrittleFileSystem.heal();

      convert(model, target);

      assertThat(folder.resolve("disturbed-" + successes + "/model.safetensors")).exists();
    }
    assertThat(failures).isGreaterThanOrEqualTo(operations - 1);
  }

  /** What a process leaves that is killed while it writes the weights. */
  @Test
  void canBeRepeatedAfterAKill() throws IOException {
    Path model = write();
    Path target = convert(model, ExportFormat.TIMM, "killed");
    Path unfinished = target.resolve(".model.safetensors.inprogress." + UUID.randomUUID());
    Files.move(target.resolve("model.safetensors"), unfinished);

    convert(model, ExportFormat.TIMM, "killed");

    assertThat(target.resolve("model.safetensors")).exists();
    assertThat(unfinished).doesNotExist();
  }

  private static void convert(ModelFolder model, String target) throws IOException {
    new ModelConversion(model, ExportFormat.TIMM, target, Optional.empty()).run();
  }
}

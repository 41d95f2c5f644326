package io.simmim.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.export.ExportFormat;
import io.simmim.pipeline.export.ModelConversion;
import io.simmim.schemas.UserError;
import io.simmim.schemas.bytes.Sha256;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.safetensors.TensorEntry;
import io.simmim.trainer.export.HeldTensor;
import io.simmim.trainer.export.ModelWriter;
import io.simmim.trainer.export.SafetensorsWriter;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.weights.WeightsReference;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitialWeightsTest {
  private static final String HALF_MEAN = "image.mean=[0.5, 0.5, 0.5]";
  private static final String MUST_BE_HALF =
      "image.mean must be [0.5, 0.5, 0.5] and image.std [0.5, 0.5, 0.5], as ";
  private static final String HALF_DEVIATION = "image.std=[0.5, 0.5, 0.5]";

  @TempDir private Path folder;
  private Path images;
  private Path weights;
  private final List<String> said = new ArrayList<>();

  @BeforeEach
  void makeImagesAndModel() throws IOException {
    images = Files.createDirectories(folder.resolve("images"));
    for (int i = 0; i < 10; i++) {
      Files.writeString(images.resolve(i + ".jpg"), "not read here");
    }
    weights = write("before/model", "seed=3").resolve("model.safetensors");
  }

  private Path write(String name, String... assignments) throws IOException {
    TrainerConfig trainer = config(null, assignments).trainer(ClusterColors.NONE);
    Path target = folder.resolve(name);
    try (TrainingModel model = TrainingModel.create(trainer);
        StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      new ModelWriter(trainer).write(new org.apache.flink.core.fs.Path(target.toUri()), snapshot);
    }
    return target;
  }

  @Test
  void findsTheFileOfAModelOrOfTheRunThatExportedIt() throws IOException {
    String digest = Sha256.hex(Files.readAllBytes(weights));
    for (String name : List.of("before", "before/model", "before/model/model.safetensors")) {
      PreparedRun run = prepare(config(folder.resolve(name).toString()));

      assertThat(run.initial())
          .contains(new WeightsReference(weights.toUri().toString().replace("///", "/"), digest));
      assertThat(run.identity().values()).containsEntry("init-from", "sha256:" + digest);
    }
    assertThat(said.get(0)).isEqualTo("beginning with the weights in " + weights);
  }

  @Test
  void continuesARunWithTheSameContentAndRefusesAnother() throws IOException {
    prepare(config("before"));
    Path moved = folder.resolve("moved.bin");
    Files.copy(weights, moved);

    prepare(config(moved.toString()));
    flipAnotherBit(weights);

    assertThatThrownBy(() -> prepare(config("before")))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("has another configuration")
        .hasMessageContaining("init-from: sha256:")
        .message()
        .hasLineCount(1);
    assertThatThrownBy(() -> prepare(config(null)))
        .hasMessageContaining("init-from: sha256:")
        .hasMessageContaining("in the checkpoint, null now");
  }

  @Test
  void continuesARunWhoseWeightsAreGone() throws IOException {
    PreparedRun begun = prepare(config("before"));
    Files.delete(weights);
    said.clear();

    PreparedRun continued = prepare(config("before"));

    assertThat(continued.identity()).isEqualTo(begun.identity());
    assertThat(said).isEmpty();
    assertThatThrownBy(
            () ->
                Leases.prepare(config("before"), Resume.parse("none"), Optional.empty(), said::add))
        .hasMessageStartingWith("init-from has no weights: ");
    assertThat(folder.resolve("output/run.json")).exists();
  }

  private static void flipAnotherBit(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 4] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void refusesWhatIsNotAModelOrOfAnotherOne() throws IOException {
    assertRefused(
        config("nowhere"),
        "init-from has no weights: "
            + folder
            + "/nowhere (allowed: a file with weights, an exported model, or the output of a run that"
            + " has exported one)");
    assertRefused(
        config(images + "/1.jpg"),
        "init-from cannot be read: "
            + images
            + "/1.jpg (neither safetensors nor PyTorch: it begins with \"not read here\")");
    Path pointer =
        Files.writeString(
            folder.resolve("pointer.safetensors"),
            "version https://git-lfs.github.com/spec/v1\noid sha256:0a\nsize 9\n");
    assertRefused(
        config(pointer.toString()),
        "init-from cannot be read: "
            + pointer
            + " (neither safetensors nor PyTorch: it begins with \"version https://git-lfs.\")");
    assertRefused(
        config(Files.writeString(pointer, "").toString()),
        "init-from cannot be read: " + pointer + " (neither safetensors nor PyTorch: it is empty)");
    assertRefused(
        config("before", "encoder.num-heads=2"),
        "encoder.num-heads must be [3], as " + folder + "/before/model/config.json says: [2]");
    assertRefused(
        config("before", "encoder.embed-dim=96"),
        "the weights in "
            + weights
            + " are not of this model: of another shape encoder.cls_token [1, 1, 192] instead of"
            + " [1, 1, 96], ");
    assertThat(folder.resolve("output")).doesNotExist();
  }

  /** That of a classifier has the names of its classes. */
  @Test
  void readsADescriptionHoweverLong() throws IOException {
    Path description = folder.resolve("before/model/config.json");
    String names = " ".repeat(3 << 20);
    Files.writeString(description, Files.readString(description).replaceFirst("\\{", "{" + names));

    assertRefused(
        config("before", "encoder.num-heads=2"),
        "encoder.num-heads must be [3], as " + description + " says: [2]");
  }

  @Test
  void refusesValuesThatAreNotFinite() throws IOException {
    byte[] bytes = Files.readAllBytes(weights);
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putFloat(bytes.length - Float.BYTES, Float.NEGATIVE_INFINITY);
    Files.write(weights, bytes);

    assertRefused(
        config("before"), "weights must be finite: value 767 of decoder.0.bias is -Infinity");
  }

  @Test
  void saysThatPositionsAreResampled() {
    prepare(config("before", "image.size=64"));

    assertThat(said).contains("resampled positions from 6 x 6 to 4 x 4: encoder.pos_embed");
  }

  /** No shape tells how the images were normalised that weights were trained on. */
  @Test
  void trainsOnImagesNormalisedAsTheWeightsKnowThem() throws IOException {
    write("half/model", HALF_MEAN, HALF_DEVIATION);
    String described = folder + "/half/model/config.json";

    assertRefused(
        config("half"),
        MUST_BE_HALF + described + " says: [0.485, 0.456, 0.406] and [0.229, 0.224, 0.225]");
    assertRefused(
        config("half", HALF_MEAN),
        MUST_BE_HALF + described + " says: [0.5, 0.5, 0.5] and [0.229, 0.224, 0.225]");
    assertRefused(
        config("before", HALF_MEAN, HALF_DEVIATION),
        "image.mean must be [0.485, 0.456, 0.406] and image.std [0.229, 0.224, 0.225], as "
            + folder
            + "/before/model/config.json says: [0.5, 0.5, 0.5] and [0.5, 0.5, 0.5]");
    PreparedRun run = prepare(config("half", HALF_MEAN, HALF_DEVIATION));
    assertThat(run.identity().values()).containsEntry("image.mean", "[0.5, 0.5, 0.5]");
  }

  /** A model of transformers, in a folder of that name. */
  private Path writeTheirs(String... plain) throws IOException {
    Path model = write("plain/model", plain);
    Path theirs = folder.resolve("theirs");
    new ModelConversion(
            ModelFolder.find(model.toString()),
            ExportFormat.HUGGINGFACE,
            theirs.toString(),
            Optional.empty())
        .run();
    return theirs;
  }

  @Test
  void saysWhatOfALibrarysModelIsLeftOver() throws IOException {
    String[] plain = {"encoder.absolute-position=true", "encoder.relative-position-bias=none"};
    Path weights = writeTheirs(plain).resolve("model.safetensors");
    List<HeldTensor> tensors = new ArrayList<>();
    try (SafetensorsFile file = SafetensorsFile.open(weights)) {
      for (TensorEntry entry : file.tensors().values()) {
        long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
        tensors.add(HeldTensor.floats(entry.name(), file.readFloats(entry.name()), shape));
      }
    }
    tensors.add(HeldTensor.floats("vit.pooler.dense.bias", new float[1], 1));
    try (OutputStream out = Files.newOutputStream(weights)) {
      SafetensorsWriter.write(tensors, Map.of(), out);
    }

    prepare(config("theirs", plain));

    assertThat(said).contains("left over, as no model here has it: vit.pooler.dense.bias");
  }

  @Test
  void takesTheNormalisationOfALibrarysFiles() throws IOException {
    String[] plain = {"encoder.absolute-position=true", "encoder.relative-position-bias=none"};
    Path theirs = writeTheirs(plain);
    Path preprocessor = theirs.resolve("preprocessor_config.json");
    Files.writeString(preprocessor, "{\"image_mean\": 0.5, \"image_std\": 0.5}");
    String[] half = {plain[0], plain[1], HALF_MEAN, HALF_DEVIATION};

    assertRefused(
        config("theirs", plain),
        MUST_BE_HALF + preprocessor + " says: [0.485, 0.456, 0.406] and [0.229, 0.224, 0.225]");
    prepare(config("theirs", half));
    assertThat(said).noneMatch(line -> line.contains("image.mean"));

    Files.delete(preprocessor);
    Leases.prepare(config("theirs", half), Resume.parse("none"), Optional.empty(), said::add);
    assertThat(said)
        .contains(
            "no %s says how images are shown: image.mean is [0.5, 0.5, 0.5], image.std [0.5, 0.5, 0.5]"
                .formatted(preprocessor));
    Files.writeString(preprocessor, "{\"do_rescale\": false}");
    assertRefused(
        config("theirs", half),
        "init-from cannot be read: %s (preprocessor_config.json: do_rescale must be true: false)"
            .formatted(theirs));
  }

  /** Such as one of a build that did not look: it goes on as it began. */
  @Test
  void continuesARunThatBeganOtherwise() throws IOException {
    PreparedRun begun = prepare(config("before"));
    Path description = folder.resolve("before/model/config.json");
    ObjectNode json = (ObjectNode) new ObjectMapper().readTree(description.toFile());
    json.putPOJO("image_mean", List.of(0.5, 0.5, 0.5)).putPOJO("image_std", List.of(0.5, 0.5, 0.5));
    Files.writeString(description, json.toString());

    assertThat(prepare(config("before")).identity()).isEqualTo(begun.identity());
    assertThatThrownBy(
            () ->
                Leases.prepare(config("before"), Resume.parse("none"), Optional.empty(), said::add))
        .hasMessageStartingWith(MUST_BE_HALF + description);
  }

  @Test
  void keepsTheWindowsThatAPositionBiasWasFirstTrainedWith() throws IOException {
    String[] swin = {
      "encoder.type=swinv2",
      "encoder.patch-size=4",
      "encoder.depth=[1, 1]",
      "encoder.num-heads=[3, 6]",
      "encoder.window-size=8",
      "encoder.relative-position-bias=none",
      "encoder.layer-scale-init=0",
      "encoder.pretrained-window-sizes=[6, 6]"
    };
    write("swin/model", swin);
    String[] own = swin.clone();
    own[swin.length - 1] = "encoder.pretrained-window-sizes=[]";

    assertRefused(
        config("swin", own),
        "encoder.pretrained-window-sizes must be [6, 6], as "
            + folder
            + "/swin/model/config.json says: []");
    assertThat(prepare(config("swin", swin)).identity().values())
        .containsEntry("encoder.pretrained-window-sizes", "[6, 6]");
  }

  private void assertRefused(SimmimConfig config, String message) {
    assertThatThrownBy(() -> prepare(config))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(message)
        .message()
        .hasLineCount(1);
  }

  private PreparedRun prepare(SimmimConfig config) {
    return Leases.prepare(config, Resume.parse("latest"), Optional.empty(), said::add);
  }

  private SimmimConfig config(String initFrom, String... assignments) {
    ConfigLoader loader =
        new ConfigLoader()
            .preset("vit-tiny")
            .set(
                List.of(
                    "encoder.depth=1",
                    "schedule.warmup-epochs=0",
                    "training.epochs=2",
                    "training.micro-batch=4"))
            .set(List.of(assignments))
            .input(List.of(images.toString()))
            .output(folder.resolve("output").toString());
    if (initFrom != null) {
      loader.initFrom(folder.resolve(initFrom).toString());
    }
    return loader.load().config();
  }
}

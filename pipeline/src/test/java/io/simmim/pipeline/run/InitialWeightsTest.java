package io.simmim.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.schemas.UserError;
import io.simmim.schemas.bytes.Sha256;
import io.simmim.trainer.export.ModelWriter;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateSnapshot;
import io.simmim.trainer.weights.WeightsReference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitialWeightsTest {
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
  void refusesWhatIsNotAModelOrOfAnotherOne() {
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
            + "/1.jpg (not a readable safetensors file: the header must have");
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

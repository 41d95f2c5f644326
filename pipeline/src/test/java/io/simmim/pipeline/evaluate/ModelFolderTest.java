package io.simmim.pipeline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.schemas.UserError;
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
import java.util.List;
import java.util.regex.Pattern;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ModelFolderTest {
  private static final SimmimConfig CONFIG =
      new ConfigLoader()
          .preset("vit-tiny")
          .set(List.of("encoder.depth=1", "encoder.embed-dim=24", "training.threads=1"))
          .load()
          .config();

  @TempDir private Path output;

  @Test
  void findsAModelByItsFolderAndByTheOutputOfItsRun() throws IOException {
    write("model-epoch-0002");
    write("model-epoch-0010");
    Files.delete(write("model-epoch-0011").resolve("model.safetensors")); // not whole yet

    assertThat(find("").folder().getName()).isEqualTo("model-epoch-0010");
    assertThat(find("model-epoch-0002").folder().getName()).isEqualTo("model-epoch-0002");
    write("model");
    ModelFolder trained = find("/");
    assertThat(trained.folder().getName()).isEqualTo("model");
    assertThat(trained.imageSize()).isEqualTo(96);
    try (FrozenEncoder encoder = trained.open("cpu")) {
      MicroBatch black = MicroBatch.normalised(96, 6, new float[3 * 96 * 96], new byte[36]);
      assertThat(encoder.features(black).mean()).hasSize(24);
    }
  }

  @Test
  void saysWhyAModelCannotBeRead() throws IOException {
    Path model = write("model");
    Files.writeString(model.resolve("config.json"), "{\"type\": \"vgg\"}");
    assertThatThrownBy(() -> find(""))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "%s/config.json does not describe a model: the key is missing: image_size", model);

    write("model");
    Files.write(model.resolve("model.safetensors"), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> find("").open("cpu"))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(
            "%s/model.safetensors does not hold the weights of the model beside it: ", model)
        .message()
        .hasLineCount(1);
  }

  @Test
  void refusesWeightsThatAreNoNumbers() throws IOException {
    Path weights = write("model").resolve("model.safetensors");
    try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
      file.seek(file.length() - Float.BYTES);
      file.writeInt(Integer.reverseBytes(Float.floatToRawIntBits(Float.NaN)));
    }

    ModelFolder model = find("");
    for (ThrowingCallable open :
        List.<ThrowingCallable>of(() -> model.open("cpu"), () -> model.openAttention("cpu"))) {
      assertThatThrownBy(open)
          .isInstanceOf(UserError.class)
          .hasMessageMatching(
              Pattern.quote(weights.toString())
                  + " does not hold the weights of the model beside it: weights must be finite: a value of [a-z_.0-9]+ is NaN");
    }
  }

  /** It would take 17 GB of the heap to tell the positions apart. */
  @Test
  void takesNoMemoryForImagesThatTheWeightsAreNotFor() throws IOException {
    Path config = write("model").resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config).replaceFirst("\"image_size\" : 96", "\"image_size\" : 3440"));

    assertThatThrownBy(() -> find("").open("cpu"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "%s/model.safetensors does not hold the weights of the model beside it: encoder.pos_embed must have the shape [1, 46226, 24]: [1, 37, 24]",
            config.getParent());
  }

  @Test
  void refusesAFolderWithoutAModel() {
    assertThatThrownBy(() -> find(""))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "no exported model: %s/ (allowed: a folder with config.json and model.safetensors, or"
                + " the output of a run that has exported one)",
            output);
  }

  /** A run that goes on keeps the newest ones. */
  @Test
  void findsTheNewestModelThatIsStillThere() throws IOException {
    write("model-epoch-0001");
    BrittleFileSystem.beforeOpens(
        file -> {
          if (file.getParent().getName().equals("model-epoch-0001")) {
            Files.move(output.resolve("model-epoch-0001"), output.resolve("model-epoch-0002"));
          }
        });
    try {
      assertThat(ModelFolder.find("oss:" + output).folder().getName())
          .isEqualTo("model-epoch-0002");
    } finally {
      BrittleFileSystem.heal();
    }
  }

  @Test
  void saysThatAModelIsGone() throws IOException {
    Path model = write("model-epoch-0001");
    ModelFolder found = find("");
    Files.move(model, output.resolve("model-epoch-0002"));

    assertThatThrownBy(() -> found.open("cpu"))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("the model in %s cannot be read: ", model)
        .hasMessageEndingWith(" (a run that goes on deletes older ones)");
  }

  @Test
  void saysWhyAFolderCannotBeLookedInto() throws IOException {
    Path closed = output.resolve("closed");
    Files.createSymbolicLink(closed, closed);

    assertThatThrownBy(() -> find("closed"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("cannot be read: %s (%s".formatted(closed, closed));
  }

  private ModelFolder find(String name) {
    return ModelFolder.find(output + "/" + name);
  }

  private Path write(String name) throws IOException {
    TrainerConfig trainer = CONFIG.trainer(ClusterColors.NONE);
    Path folder = output.resolve(name);
    try (TrainingModel model = TrainingModel.create(trainer);
        StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      new ModelWriter(trainer).write(new org.apache.flink.core.fs.Path(folder.toUri()), snapshot);
    }
    return folder;
  }
}

package io.simmim.pipeline.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.schemas.Normalization;
import io.simmim.schemas.UserError;
import io.simmim.trainer.export.ModelWriter;
import io.simmim.trainer.inference.FrozenEncoder;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model on an object store that a task opens. */
@Timeout(120)
class SharedEncoderTest {
  @TempDir private Path folder;
  private String uri;
  private String digest;

  @BeforeEach
  void writeModel() throws IOException {
    TrainerConfig trainer =
        new ConfigLoader()
            .preset("vit-tiny")
            .set(List.of("encoder.depth=1", "encoder.embed-dim=24", "training.threads=1"))
            .load()
            .config()
            .trainer(ClusterColors.NONE);
    try (TrainingModel model = TrainingModel.create(trainer);
        StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      new ModelWriter(trainer).write(new org.apache.flink.core.fs.Path(folder.toUri()), snapshot);
    }
    uri = "oss://" + folder;
    digest = ModelFolder.find(uri).digest();
  }

  @AfterEach
  void heal() {
    BrittleFileSystem.heal();
  }

  /** A SuppressRestartsException would end the job for good. */
  @Test
  void isOpenedByARestartWhereverStorageFailedBefore() throws IOException {
    BrittleFileSystem.heal();
    open().close();
    int operations = BrittleFileSystem.operations();
    assertThat(operations).isGreaterThan(3);

    for (int successes = 0; successes < operations; successes++) {
      BrittleFileSystem.failAfter(successes, "Read timed out");
      assertThatThrownBy(this::open)
          .as("after %d operations", successes)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("Read timed out");
      BrittleFileSystem.heal();
      open().close();
    }
  }

  /** The same weights, beside which it stands that they were trained on images shown otherwise. */
  @Test
  void isAnotherOneWhereImagesAreShownOtherwise() throws IOException {
    Normalization half = new Normalization(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));
    try (Shared.Use<FrozenEncoder> open = open()) {
      assertThat(open).isNotNull();
      assertThatThrownBy(() -> SharedEncoder.open(model(digest, half)))
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .hasMessage("the model is not the one that the job began with: " + uri);
    }
  }

  private EmbedModel model(String weights, Normalization normalization) {
    return new EmbedModel(uri, weights, 192, 6, normalization, "cpu");
  }

  @Test
  void endsTheJobIfTheModelIsNotThereOrAnotherOne() throws IOException {
    assertThatThrownBy(() -> SharedEncoder.open(model("0".repeat(64), Normalization.IMAGENET)))
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .isInstanceOf(UserError.class)
        .hasMessage("the model is not the one that the job began with: " + uri);

    Files.delete(folder.resolve("model.safetensors"));
    assertThatThrownBy(this::open)
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("no exported model: " + uri);
  }

  private Shared.Use<FrozenEncoder> open() throws IOException {
    return SharedEncoder.open(model(digest, Normalization.IMAGENET));
  }
}

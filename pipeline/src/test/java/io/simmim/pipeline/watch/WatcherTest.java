package io.simmim.pipeline.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.operators.catalog.tar.ShardReading;
import io.simmim.operators.image.mask.NoMask;
import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.pipeline.images.ColoredSquares;
import io.simmim.schemas.evaluation.FeatureQuality;
import io.simmim.schemas.evaluation.ModelCopy;
import io.simmim.schemas.evaluation.ModelCopy.Stage;
import io.simmim.schemas.evaluation.ModelFindings;
import io.simmim.schemas.evaluation.ModelFindingsSerializer;
import io.simmim.trainer.export.ModelWriter;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.operator.failure.GpuFailures;
import io.simmim.trainer.operator.failure.GpuLoss;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateSnapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.util.ExceptionUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found of a copy that is not there, as after a restart. */
class WatcherTest {
  private static final ModelCopy PICTURE = new ModelCopy(20, 1, true, false, Stage.WRITTEN);
  private static final ModelCopy MEASURED = new ModelCopy(20, 1, true, true, Stage.WRITTEN);

  @TempDir Path output;

  @AfterEach
  void heal() {
    BrittleFileSystem.heal();
  }

  private Watcher watcher() {
    return watcher(output.toUri().toString(), GpuLoss.ENDS_JOB);
  }

  private static Watcher watcher(String output, GpuLoss gpuLoss) {
    SimmimConfig config = new ConfigLoader().load().config();
    return new Watcher(
        new WatchConfig(
            output,
            config.image(),
            config.fetch(),
            new NoMask(6),
            0,
            0,
            "cpu",
            new WatchedImages(null, null, null, null)),
        new GpuFailures(gpuLoss));
  }

  private Path write(String name, byte[] content) throws IOException {
    Path file = output.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, content);
  }

  @Test
  void aPictureThatIsThereNeedsNoCopy() throws Exception {
    write("pictures/step-20.png", new byte[1]);

    assertThat(watcher().find(PICTURE))
        .isEqualTo(new ModelFindings(20, 1, true, Optional.empty(), ""));
  }

  @Test
  void neitherDoesAMeasurementThatWasMade() throws Exception {
    ModelFindings made =
        new ModelFindings(
            20,
            1,
            true,
            Optional.of(new FeatureQuality(List.of(), 2.5, 192, 512, Optional.empty())),
            "");
    DataOutputSerializer bytes = new DataOutputSerializer(64);
    ModelFindingsSerializer.INSTANCE.serialize(made, bytes);
    write("beside/found-20", bytes.getCopyOfBuffer());

    assertThat(watcher().find(MEASURED)).isEqualTo(made);
  }

  @Test
  void whatIsMissingHasAReason() throws Exception {
    write("pictures/step-20.png", new byte[1]);

    assertThat(watcher().find(MEASURED))
        .as("the picture was drawn before the measurement")
        .isEqualTo(
            new ModelFindings(
                20, 1, true, Optional.empty(), "the copy of the model is not there any more"));
    assertThat(watcher().find(MEASURED.at(Stage.FAILED)).problem())
        .isEqualTo("the copy of the model was not written; the log of the trainer says why");
  }

  @Test
  void aPictureThatWasDrawnIsToldOfThoughNothingCouldBeMeasured() throws Exception {
    SimmimConfig config =
        new ConfigLoader()
            .preset("vit-tiny")
            .set(
                List.of(
                    "image.size=32",
                    "mask.patch-size=8",
                    "encoder.patch-size=8",
                    "encoder.depth=2",
                    "encoder.embed-dim=24",
                    "training.threads=1"))
            .load()
            .config();
    writeModel(config, output.resolve("beside/step-20"));
    ColoredSquares.draw(output.resolve("images"), 1, 1);
    CatalogReference images =
        CatalogLister.listing(
                List.of(output.resolve("images").toString()),
                List.of(),
                new ShardReading(1, 1, Duration.ofMillis(1)))
            .requireImages()
            .write(output.resolve("watched/pictures").toString());
    CatalogReference missing =
        new CatalogReference(output.resolve("no").toString(), "0".repeat(64), 1);
    Watcher watcher =
        new Watcher(
            new WatchConfig(
                output.toUri().toString(),
                config.image(),
                config.fetch(),
                config.mask().strategyFor(32),
                0,
                0,
                "cpu",
                new WatchedImages(images, missing, null, null)),
            new GpuFailures(GpuLoss.ENDS_JOB));

    ModelFindings found = watcher.find(MEASURED);

    assertThat(found.picture()).isTrue();
    assertThat(found.quality()).isEmpty();
    assertThat(found.problem()).isNotEmpty();
    assertThat(output.resolve("pictures/step-20.png")).isNotEmptyFile();
    assertThat(output.resolve("beside/step-20")).doesNotExist();
  }

  private static void writeModel(SimmimConfig config, Path folder) throws IOException {
    TrainerConfig trainer = config.trainer(ClusterColors.NONE);
    try (TrainingModel model = TrainingModel.create(trainer);
        StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      new ModelWriter(trainer).write(new org.apache.flink.core.fs.Path(folder.toUri()), snapshot);
    }
  }

  /** A copy that cannot be used must not end the training, nor lie there for ever. */
  @Test
  void aDamagedCopyIsToldOfAndGoes() throws Exception {
    write("beside/step-18/model.safetensors", new byte[1]);
    write("beside/step-20/model.safetensors", new byte[1]);
    write("beside/step-20/config.json", "{}".getBytes(StandardCharsets.UTF_8));
    Path later = write("beside/step-22/model.safetensors", new byte[1]);

    assertThat(watcher().find(MEASURED).problem()).contains("config.json");
    assertThat(output.resolve("beside/step-18")).doesNotExist();
    assertThat(output.resolve("beside/step-20")).doesNotExist();
    assertThat(later).exists();
  }

  /** The trainer of this process has lost it too: a line among the findings would hide that. */
  @Test
  void aGpuThatIsLostIsNotAFindingAndLeavesTheCopy() throws Exception {
    Path copy = write("beside/step-20/model.safetensors", new byte[1]);
    BrittleFileSystem.failAfter(0, "CUDA error: an illegal memory access was encountered");

    assertThatThrownBy(() -> watcher("oss://" + output, GpuLoss.ENDS_JOB).find(PICTURE))
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .hasMessage(
            "the GPU failed at the copy of step 20 (CUDA error: an illegal memory access was"
                + " encountered), and this process cannot use it any more; the same command"
                + " continues");
    assertThatThrownBy(() -> watcher("oss://" + output, GpuLoss.ENDS_PROCESS).find(PICTURE))
        .matches(ExceptionUtils::isJvmFatalError, "ends the process");
    assertThat(copy).exists();
  }
}

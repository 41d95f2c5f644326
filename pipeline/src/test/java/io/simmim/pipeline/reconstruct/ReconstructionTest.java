package io.simmim.pipeline.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.evaluate.ModelFolder;
import io.simmim.pipeline.export.ExportFormat;
import io.simmim.pipeline.export.ModelConversion;
import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.pipeline.images.Photographs;
import io.simmim.pipeline.reconstruct.ReconstructionGrid.Row;
import io.simmim.schemas.Normalization;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.trainer.export.ModelWriter;
import io.simmim.trainer.loop.TrainerConfig;
import io.simmim.trainer.loop.TrainingModel;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.state.Gradients;
import io.simmim.trainer.state.StateSnapshot;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ReconstructionTest {
  private static final int SIZE = 96;
  private static final int CELL = SIZE + 4;
  private static final int MASK_PATCH = 16;
  private static final int GRAY = 0xFF808080;
  private static final SimmimConfig CONFIG =
      new ConfigLoader()
          .preset("vit-tiny")
          .set(List.of("encoder.depth=1", "encoder.embed-dim=24", "training.threads=1"))
          .load()
          .config();

  @TempDir private static Path work;

  @BeforeAll
  static void exportAModelAndDrawImages() throws IOException {
    TrainerConfig trainer = CONFIG.trainer(ClusterColors.NONE);
    try (TrainingModel model = TrainingModel.create(trainer);
        StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      new ModelWriter(trainer)
          .write(new org.apache.flink.core.fs.Path(work.resolve("model").toUri()), snapshot);
    }
    Photographs.draw(work.resolve("images"), 4);
    Files.writeString(work.resolve("images/0-first.jpg"), "no JPEG");
  }

  @Test
  void showsEachImageMaskedPredictedAndPastedIn() throws IOException {
    List<String> said = new ArrayList<>();
    Path target = work.resolve("pictures/random.png");

    reconstruction(target, "random", OptionalDouble.empty(), 3).run(CONFIG, said::add);

    assertThat(said).hasSize(3);
    assertThat(said.get(0)).startsWith("left out: ").contains("0-first.jpg: ");
    assertThat(said.get(1))
        .isEqualTo("3 images; rows: original, masked, prediction, prediction pasted in");
    assertThat(said.get(2)).isEqualTo(target.toString());
    BufferedImage picture = ImageIO.read(target.toFile());
    assertThat(picture.getWidth()).isEqualTo(3 * CELL + 4);
    assertThat(picture.getHeight()).isEqualTo(4 * CELL + 4);
    for (int column = 0; column < 3; column++) {
      assertThat(maskedPatches(picture, column)).hasSize(22); // 0.6 of 36, rounded up
    }
    assertThat(maskedPatches(picture, 0)).isNotEqualTo(maskedPatches(picture, 1));
  }

  @Test
  void triesAgainToReadAnImageAndLeavesOutOneThatIsDenied() throws IOException {
    SimmimConfig config = new ConfigLoader().set(List.of("fetch.backoff=1ms")).load().config();
    List<String> said = new ArrayList<>();
    Path target = work.resolve("brittle.png");
    BrittleFileSystem.failFirstOpens("002.jpg");
    try {
      new Reconstruction(
              work.resolve("model").toString(),
              List.of("hdfs:" + work.resolve("images")),
              target.toString(),
              new MaskChoice("random", OptionalDouble.empty()),
              3,
              5,
              "cpu")
          .run(config, said::add);
    } finally {
      BrittleFileSystem.heal();
    }

    assertThat(said.subList(0, 2))
        .anyMatch(line -> line.endsWith("002.jpg: permission denied"))
        .anyMatch(line -> line.contains("0-first.jpg: "));
    assertThat(said.get(2)).startsWith("3 images; ");
  }

  /** What such a model says is relative to each cell: shown as it is, all cells were grey. */
  @Test
  void showsWhatIsRelativeToACellWithTheLevelsOfTheImage() throws IOException {
    SimmimConfig config =
        new ConfigLoader()
            .preset("vit-tiny")
            .set(
                List.of(
                    "encoder.depth=1",
                    "encoder.embed-dim=24",
                    "training.threads=1",
                    "target.norm-per-cell=true"))
            .load()
            .config();
    TrainerConfig trainer = config.trainer(ClusterColors.NONE);
    try (TrainingModel model = TrainingModel.create(trainer);
        StateSnapshot snapshot = model.snapshot(Gradients.NONE)) {
      new ModelWriter(trainer)
          .write(new org.apache.flink.core.fs.Path(work.resolve("relative").toUri()), snapshot);
    }
    Path target = work.resolve("relative.png");
    new Reconstruction(
            work.resolve("relative").toString(),
            List.of(work.resolve("images").toString()),
            target.toString(),
            new MaskChoice("random", OptionalDouble.empty()),
            1,
            5,
            "cpu")
        .run(config, line -> {});

    BufferedImage picture = ImageIO.read(target.toFile());
    double fromImage = 0;
    double fromGrey = 0;
    for (int patch = 0; patch < 36; patch++) {
      int x = 4 + patch % 6 * MASK_PATCH;
      int y = 4 + patch / 6 * MASK_PATCH;
      double shown = level(picture, x, y + 2 * CELL);
      fromImage += Math.abs(shown - level(picture, x, y));
      fromGrey += Math.abs(shown - 0x80);
    }
    assertThat(fromImage).isLessThan(fromGrey / 2);
  }

  /** Mean of a patch. */
  private static double level(BufferedImage picture, int left, int top) {
    double sum = 0;
    for (int i = 0; i < MASK_PATCH * MASK_PATCH; i++) {
      int rgb = picture.getRGB(left + i % MASK_PATCH, top + i / MASK_PATCH);
      sum += (rgb >> 16 & 255) + (rgb >> 8 & 255) + (rgb & 255);
    }
    return sum / (3 * MASK_PATCH * MASK_PATCH);
  }

  @Test
  void hidesWhatIsInTheMiddle() throws IOException {
    Path center = work.resolve("center.png");
    Path most = work.resolve("most.png");

    reconstruction(center, "center", OptionalDouble.empty(), 2).run(CONFIG, line -> {});
    reconstruction(most, "most-of-object", OptionalDouble.of(0.33), 2).run(CONFIG, line -> {});

    List<Integer> middle = List.of(7, 8, 9, 13, 14, 15, 19, 20, 21);
    assertThat(maskedPatches(ImageIO.read(center.toFile()), 1)).isEqualTo(middle);
    List<Integer> square = List.of(7, 8, 9, 10, 13, 14, 15, 16, 19, 20, 21, 22, 25, 26, 27, 28);
    List<Integer> first = maskedPatches(ImageIO.read(most.toFile()), 0);
    assertThat(first).hasSize(12).isSubsetOf(square);
    assertThat(first).isNotEqualTo(maskedPatches(ImageIO.read(most.toFile()), 1));
  }

  @Test
  void hidesWhatAFileSays() throws IOException {
    Path mask = Files.writeString(work.resolve("mask.txt"), "100000\n".repeat(6));
    Path target = work.resolve("file.png");

    reconstruction(target, mask.toString(), OptionalDouble.empty(), 1).run(CONFIG, line -> {});

    assertThat(maskedPatches(ImageIO.read(target.toFile()), 0))
        .isEqualTo(List.of(0, 6, 12, 18, 24, 30));
  }

  @Test
  void refusesWhatMakesNoPicture() {
    Path target = work.resolve("none.png");
    assertRefused(
        () -> reconstruction(work.resolve("a.jpg"), "random", OptionalDouble.empty(), 1),
        "--to must be a .png file: ");
    assertRefused(
        () -> reconstruction(target, "random", OptionalDouble.empty(), 65),
        "--images must be 1 to 64: 65");
    assertRefused(
        () -> reconstruction(target, "random", OptionalDouble.of(1), 1),
        "--ratio must be above 0 and below 1: 1.0");
    for (String mask : List.of("random", "center", "most-of-object")) {
      assertRefused(
          () -> reconstruction(target, mask, OptionalDouble.of(0.99), 1).run(CONFIG, line -> {}),
          "--ratio must leave at least one of 36 mask patches visible: 0.99");
    }
    assertRefused(
        () -> reconstruction(target, "centre", OptionalDouble.empty(), 1).run(CONFIG, line -> {}),
        "--mask must be random, center, most-of-object or a text file of 0 and 1: centre (");
    assertThat(target).doesNotExist();
  }

  @Test
  void refusesInputWithoutAnImage() throws IOException {
    Path bad = Files.createDirectories(work.resolve("bad"));
    Files.writeString(bad.resolve("a.jpg"), "no JPEG");
    Reconstruction reconstruction =
        new Reconstruction(
            work.resolve("model").toString(),
            List.of(bad.toString()),
            work.resolve("bad.png").toString(),
            new MaskChoice("random", OptionalDouble.empty()),
            1,
            0,
            "cpu");

    assertRefused(
        () -> reconstruction.run(CONFIG, line -> {}),
        "--input has no image that can be decoded: " + bad);
  }

  /** The mean of what a model is shown, where it predicts 0. */
  @Test
  void drawsPredictionsAsTheModelNormalises() throws IOException {
    byte[] black = new byte[3 * 4];
    TensorChunk chunk = new TensorChunk(0, 0, 2, 1, new long[1], black, new byte[] {1}, List.of());
    Normalization unlike = new Normalization(List.of(0.2, 0.4, 0.6), List.of(0.5, 0.5, 0.25));
    ReconstructionGrid grid = new ReconstructionGrid(2, unlike);

    grid.add(chunk, new float[] {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1});

    BufferedImage picture = grid.draw(List.of(Row.PREDICTED), 1);
    assertThat(picture.getRGB(4, 4)).isEqualTo(0xFF336699);
    assertThat(picture.getRGB(5, 5)).isEqualTo(0xFFB3E6D9);
  }

  @Test
  void refusesModelsThatPredictNoPixels() throws IOException {
    Path timm = work.resolve("timm");
    new ModelConversion(
            ModelFolder.find(work.resolve("model").toString()),
            ExportFormat.TIMM,
            timm.toString(),
            Optional.empty())
        .run();
    Path target = work.resolve("gray.png");
    Reconstruction reconstruction =
        new Reconstruction(
            timm.toString(),
            List.of(work.resolve("images").toString()),
            target.toString(),
            new MaskChoice("random", OptionalDouble.empty()),
            1,
            0,
            "cpu");

    assertRefused(
        () -> reconstruction.run(CONFIG, line -> {}),
        "--model must have a head for pixels and a mask token, as models that were pre-trained"
            + " have; this one has no head for pixels and no mask token: "
            + timm);
    assertThat(target).doesNotExist();
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(UserError.class).hasMessageStartingWith(message);
  }

  private static Reconstruction reconstruction(
      Path target, String mask, OptionalDouble ratio, int images) {
    return new Reconstruction(
        work.resolve("model").toString(),
        List.of(work.resolve("images").toString()),
        target.toString(),
        new MaskChoice(mask, ratio),
        images,
        5,
        "cpu");
  }

  /** Which patches are gray in the second row; the last row has the prediction there alone. */
  private static List<Integer> maskedPatches(BufferedImage picture, int column) {
    List<Integer> masked = new ArrayList<>();
    int side = SIZE / MASK_PATCH;
    for (int patch = 0; patch < side * side; patch++) {
      int gray = 0;
      for (int i = 0; i < MASK_PATCH * MASK_PATCH; i++) {
        int x = 4 + column * CELL + patch % side * MASK_PATCH + i % MASK_PATCH;
        int y = 4 + patch / side * MASK_PATCH + i / MASK_PATCH;
        boolean hidden = picture.getRGB(x, y + CELL) == GRAY;
        gray += hidden ? 1 : 0;
        if (!hidden) {
          assertThat(picture.getRGB(x, y + CELL)).isEqualTo(picture.getRGB(x, y));
        }
      }
      boolean isMasked = gray == MASK_PATCH * MASK_PATCH;
      if (isMasked) {
        masked.add(patch);
      }
      for (int i = 0; i < MASK_PATCH * MASK_PATCH; i++) {
        int x = 4 + column * CELL + patch % side * MASK_PATCH + i % MASK_PATCH;
        int y = 4 + patch / side * MASK_PATCH + i / MASK_PATCH;
        assertThat(picture.getRGB(x, y + 3 * CELL))
            .isEqualTo(picture.getRGB(x, y + (isMasked ? 2 * CELL : 0)));
      }
    }
    return masked;
  }
}

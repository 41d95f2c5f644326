package io.simmim.pipeline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.operators.catalog.CatalogReference;
import io.simmim.operators.image.crop.ImageConfig;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.pipeline.files.BrittleFileSystem;
import io.simmim.pipeline.images.ColoredSquares;
import io.simmim.pipeline.labelled.LabelledImages;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.trainer.classification.ImageLabels;
import io.simmim.trainer.device.Classifier;
import io.simmim.trainer.device.Validation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real images and the real image path; the classifier is one whose answers are known. */
class CatalogValidationTest {
  private static final int SIZE = 32;
  private static final int CHUNK = 4;

  @TempDir Path folder;

  @Test
  void countsWhatIsRightOverAllImages() throws Exception {
    ColoredSquares.draw(folder.resolve("images"), 7, 3);
    Files.move(folder.resolve("images/red/3.png"), folder.resolve("images/blue/wrong.png"));
    Files.writeString(folder.resolve("images/green/none.png"), "no image");

    EpochAccuracy accuracy = validation(folder.toString()).run(byColor(8), 2, 30);

    assertThat(accuracy.epoch()).isEqualTo(2);
    assertThat(accuracy.step()).isEqualTo(30);
    assertThat(accuracy.images()).isEqualTo(21);
    assertThat(accuracy.top1()).isEqualTo(20);
    assertThat(accuracy.top5()).isEqualTo(21);
    assertThat(Files.readAllLines(folder.resolve("per-class.csv")))
        .containsExactly(
            "class,images,top1,top5", "\"blue\",8,7,8", "\"green\",7,7,7", "\"red\",6,6,6");
    assertThat(Files.readAllLines(folder.resolve("confusion.csv")))
        .containsExactly(
            "class,said,images",
            "\"blue\",\"blue\",7",
            "\"blue\",\"red\",1",
            "\"green\",\"green\",7",
            "\"red\",\"red\",6");
  }

  /** Three classes that are equally likely cost log 3, and the first of equal ones is said. */
  @Test
  void measuresTheMeanCrossEntropy() throws Exception {
    ColoredSquares.draw(folder.resolve("images"), 5, 3);

    EpochAccuracy accuracy = validation(null).run(byColor(0), 0, 1);

    assertThat(accuracy.loss()).isCloseTo(Math.log(3), within(1e-12));
    assertThat(accuracy.top1()).isEqualTo(5);
    assertThat(Files.exists(folder.resolve("confusion.csv"))).isFalse();
  }

  /** The trainer takes an {@link IOException} for images that cannot be read. */
  @Test
  void tellsThatTheTablesCannotBeWritten() throws Exception {
    ColoredSquares.draw(folder.resolve("images"), 1, 3);
    Path file = Files.writeString(folder.resolve("file"), "no folder");

    assertThatThrownBy(() -> validation(file.toString()).run(byColor(8), 0, 1))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("the tables of the validation cannot be written to " + file);
  }

  /** Images that are not handed over together are read while others are decoded. */
  @Test
  void tellsStorageThatIsAwayFromAnImageThatCannotBeUsed() throws Exception {
    ColoredSquares.draw(folder.resolve("images"), 5, 3);
    FetchConfig large =
        new FetchConfig(2, 1, 1 << 20, 1, Duration.ofMillis(1), Duration.ofSeconds(10), 0);
    Validation validation = validation("oss://" + folder, large, null);
    assertThat(validation.run(byColor(8), 0, 1).top1()).isEqualTo(15);
    BrittleFileSystem.failAfter(5, "connection refused");
    try {
      assertThatThrownBy(() -> validation.run(byColor(8), 1, 2))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("connection refused");
    } finally {
      BrittleFileSystem.heal();
    }
    assertNoThreadsStay();
  }

  /** One epoch after the other for weeks. */
  @Test
  void leavesNoThreadsAndGivesTheSameEachTime() throws Exception {
    ColoredSquares.draw(folder.resolve("images"), 5, 3);
    Validation validation = validation(null);
    EpochAccuracy first = validation.run(byColor(8), 0, 1);

    for (int epoch = 1; epoch <= 10; epoch++) {
      EpochAccuracy again = validation.run(byColor(8), epoch, 1);

      assertThat(again.top1()).isEqualTo(first.top1());
      assertThat(again.loss()).isEqualTo(first.loss());
    }
    assertNoThreadsStay();
  }

  @Test
  void leavesNoThreadsWhenTheModelFails() throws Exception {
    ColoredSquares.draw(folder.resolve("images"), 5, 3);
    Validation validation = validation(null);

    assertThatThrownBy(
            () ->
                validation.run(
                    batch -> {
                      throw new IllegalStateException("no memory");
                    },
                    1,
                    2))
        .hasMessage("no memory");
    assertNoThreadsStay();
  }

  @Test
  void refusesASetOfWhichNothingCanBeUsed() throws Exception {
    ColoredSquares.draw(folder.resolve("images"), 1, 3);
    for (String color : List.of("red", "green", "blue")) {
      Files.writeString(folder.resolve("images").resolve(color).resolve("0.png"), "no image");
    }

    assertThatThrownBy(() -> validation(null).run(byColor(8), 0, 1))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("--validation: no image can be used: ")
        .hasMessageContaining("0.png");
  }

  /** Those that fetch are told to end and not waited for. */
  private static void assertNoThreadsStay() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.matches("(simmim-validation|catalog-reader).*")));
  }

  private Validation validation(String tables) throws IOException {
    return validation(folder.toString(), FetchConfig.defaults(), tables);
  }

  private Validation validation(String from, FetchConfig fetch, String tables) throws IOException {
    LabelledImages images =
        LabelledImages.list("--validation", List.of(from + "/images"), fetch, line -> {});
    CatalogReference stored = images.catalog().write(folder.resolve("catalog").toString());
    return new CatalogValidation.Factory(
            stored,
            new ImageLabels(images.labels().classes(), images.labels().toArray()),
            ImageConfig.ofSize(SIZE),
            fetch,
            CHUNK,
            tables)
        .create();
  }

  /**
   * Says the colour that is strongest; classes are blue, green, red.
   *
   * @param sureness factor of the logits; with 0 all are equal
   */
  private static Classifier byColor(float sureness) {
    return batch -> {
      float[] logits = new float[3 * batch.images()];
      int image = 0;
      for (TensorChunk chunk : batch.chunks()) {
        int pixels = chunk.imageSize() * chunk.imageSize();
        for (int i = 0; i < chunk.pixels().length; i++) {
          int channel = i / pixels % 3;
          int at = 3 * (image + i / pixels / 3) + 2 - channel;
          logits[at] += sureness * (chunk.pixels()[i] & 255) / 255 / pixels;
        }
        image += chunk.size();
      }
      return logits;
    };
  }
}

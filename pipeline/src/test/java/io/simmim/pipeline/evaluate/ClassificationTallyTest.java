package io.simmim.pipeline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.simmim.schemas.RejectedImage;
import io.simmim.schemas.TensorChunk;
import io.simmim.schemas.UserError;
import io.simmim.schemas.evaluation.EpochAccuracy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassificationTallyTest {
  private static final List<String> CLASSES = List.of("a", "b \"x\"", "c", "d", "e", "f");

  @TempDir private Path folder;

  private static TensorChunk chunk(long index, int images) {
    return new TensorChunk(
        index, 0, 1, 1, new long[images], new byte[3 * images], new byte[images], List.of());
  }

  @Test
  void countsWhatIsRightAndWhatIsAmongTheFirstFive() throws Exception {
    ClassificationTally tally = new ClassificationTally(CLASSES);
    tally.add(chunk(1, 1), new int[] {0}, new float[] {0, 1, 2, 3, 4, 5});
    tally.add(
        chunk(0, 2),
        new int[] {1, 1},
        new float[] {0, 9, 0, 0, 0, 0, /* second image */ 3, 2, 0, 0, 0, 0});

    EpochAccuracy accuracy = tally.accuracy(4, 50);

    assertThat(accuracy.top1()).isEqualTo(1);
    assertThat(accuracy.top5()).isEqualTo(2);
    assertThat(accuracy.images()).isEqualTo(3);
    assertThat(accuracy.text()).isEqualTo("top-1 33.33 %, top-5 66.67 %, images 3");
    tally.writeTables(folder.toString());
    assertThat(Files.readAllLines(folder.resolve("per-class.csv")))
        .startsWith("class,images,top1,top5", "\"a\",1,0,0", "\"b \"\"x\"\"\",2,1,2");
    assertThat(Files.readAllLines(folder.resolve("confusion.csv")))
        .containsExactly(
            "class,said,images",
            "\"a\",\"f\",1",
            "\"b \"\"x\"\"\",\"a\",1",
            "\"b \"\"x\"\"\",\"b \"\"x\"\"\",1");
  }

  @Test
  void takesTheLowerOfEqualClassesAndNeverANumberThatIsNone() {
    ClassificationTally tally = new ClassificationTally(CLASSES.subList(0, 2));
    tally.add(chunk(0, 2), new int[] {0, 1}, new float[] {1, 1, 1, 1});
    tally.add(chunk(1, 1), new int[] {1}, new float[] {0, Float.NaN});

    assertThat(tally.accuracy(0, 1).top1()).isEqualTo(1);
  }

  @Test
  void tellsTheMeanCrossEntropy() {
    ClassificationTally tally = new ClassificationTally(CLASSES.subList(0, 2));
    tally.add(chunk(0, 2), new int[] {0, 1}, new float[] {0, 0, 1000, 1000});

    assertThat(tally.accuracy(0, 1).loss()).isCloseTo(Math.log(2), within(1e-12));
  }

  /** However many there are, one is kept. */
  @Test
  void countsImagesThatCannotBeUsedAndTellsTheFirst() {
    ClassificationTally tally = new ClassificationTally(CLASSES);
    for (long id : new long[] {7, 3, 5}) {
      RejectedImage image = new RejectedImage(id, "/" + id + ".png", "no image", "", 0);
      tally.add(
          new TensorChunk(id, 0, 1, 1, new long[0], new byte[0], new byte[0], List.of(image)),
          new int[0],
          new float[0]);
    }

    assertThat(tally.rejected()).isEqualTo(3);
    assertThat(tally.firstRejected()).contains("/3.png: no image");
  }

  @Test
  void refusesToMeasureOnNothing() {
    assertThatThrownBy(() -> new ClassificationTally(CLASSES).accuracy(0, 1))
        .isInstanceOf(UserError.class)
        .hasMessage("--validation: no image can be used: there is none");
  }
}

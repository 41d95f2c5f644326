package io.simmim.pipeline.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.mask.SquarePlace;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskAnalysisTest {
  @TempDir private Path folder;

  @Test
  void tabulatesEveryStrategyOnEveryPatchSizeThatFits() {
    Map<String, List<String>> rows = table(MaskAnalysis.run(64, 32, SquarePlace.RANDOM, 0));

    assertThat(rows.keySet())
        .containsExactlyInAnyOrder(
            "random 4",
            "random 8",
            "random 16",
            "random 32",
            "block 4",
            "block 8",
            "block 16",
            "square 4",
            "square 8",
            "square 16",
            "square 32");
    assertThat(rows).allSatisfy((name, values) -> assertThat(values).hasSize(9));
    // Of 2 x 2 patches a ratio of 0.8 or 0.9 masks all.
    assertThat(rows.get("random 32").subList(7, 9)).containsExactly("-", "-");
  }

  @Test
  void randomMasksAreNearestToWhatIsVisibleSquaresFarthest() {
    Map<String, List<String>> rows = table(MaskAnalysis.run(96, 64, SquarePlace.CENTRAL, 0));

    for (int ratio = 2; ratio < 7; ratio++) {
      double random = Double.parseDouble(rows.get("random 8").get(ratio));
      double block = Double.parseDouble(rows.get("block 8").get(ratio));
      double square = Double.parseDouble(rows.get("square 8").get(ratio));
      assertThat(random).isLessThan(block);
      assertThat(block).isLessThan(square);
    }
  }

  @Test
  void thePictureHasAllCurves() throws IOException {
    Path picture = folder.resolve("masks.png");
    MaskAnalysis.run(64, 32, SquarePlace.RANDOM, 0).plot(picture);

    BufferedImage image = ImageIO.read(picture.toFile());
    assertThat(image.getWidth()).isEqualTo(1120);
    for (int colour : new int[] {0xE69F00, 0x56B4E9, 0x009E73, 0x0072B2}) {
      assertThat(pixels(image, colour)).isGreaterThan(100);
    }
    assertThat(pixels(image, 0xD55E00)).as("no 64-pixel patches").isZero();
  }

  private static long pixels(BufferedImage image, int colour) {
    int[] rgb = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    return Arrays.stream(rgb).filter(value -> (value & 0xFFFFFF) == colour).count();
  }

  /** Values of each row by "strategy size". */
  private static Map<String, List<String>> table(MaskAnalysis analysis) {
    StringWriter text = new StringWriter();
    analysis.print(new PrintWriter(text, true));
    Map<String, List<String>> rows = new TreeMap<>();
    text.toString()
        .lines()
        .skip(2)
        .map(line -> line.strip().split(" +"))
        .forEach(
            cells ->
                rows.put(cells[0] + " " + cells[1], Arrays.asList(cells).subList(2, cells.length)));
    return rows;
  }
}

package io.simmim.pipeline.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.operators.image.mask.SquarePlace;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MaskAnalysisTest {
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
  void thePictureHasAllCurves() {
    String picture = MaskAnalysis.run(64, 32, SquarePlace.RANDOM, 0).svg();

    assertThat(picture)
        .contains(">random 4<", ">random 32<", ">block 16<", ">square 32<")
        .doesNotContain(" 64<", "NaN");
    // A line in the legend and one in the chart for each of 11 curves.
    assertThat(picture.split("<path ")).hasSize(1 + 2 * 11);
    assertThat(picture.split("stroke-dasharray=\"7 4\"")).hasSize(1 + 2 * 4);
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

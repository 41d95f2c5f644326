package io.simmim.operators.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.simmim.schemas.ParityRow;
import io.simmim.schemas.ParityRow.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageParityTest {
  private static final Path GOLDENS = Path.of("src/test/resources/goldens");

  @Test
  void agreesWithEveryRecording() throws IOException {
    List<ParityRow> rows = new ArrayList<>();
    ImageParity.run(GOLDENS, rows::add);

    assertThat(rows).hasSize(11 + 36 + 7 + 44).allMatch(row -> row.outcome() == Outcome.OK);
    assertThat(rows)
        .filteredOn(row -> row.name().startsWith("decoded.") || row.name().startsWith("crop."))
        .filteredOn(row -> !row.name().endsWith("cmyk.jpg"))
        .allMatch(row -> row.largestDifference() == 0);
  }
}

package io.simmim.operators.image;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.ParityRow;
import io.simmim.schemas.ParityRow.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AugmentParityTest {
  private static final Path GOLDENS = Path.of("src/test/resources/goldens");
  private static final String RECORDING = "augment_operations";

  @Test
  void agreesWithEveryRecordingOfPillowToTheLevel() {
    List<ParityRow> rows = rows(GOLDENS);

    assertThat(rows).hasSize(15 + 48 + 314).allMatch(row -> row.outcome() == Outcome.OK);
    assertThat(rows).allMatch(row -> row.largestDifference() == 0);
  }

  /** One level more of each result's first pixel. */
  @Test
  void toleratesALevelOnlyWhereBuildsOfPillowDiffer(@TempDir Path directory) throws IOException {
    byte[] tensors = tensors();
    int data = Long.BYTES + (int) ByteBuffer.wrap(tensors).order(LITTLE_ENDIAN).getLong();
    int imageBytes = 33 * 50 * 3;
    for (int i = data + imageBytes; i < tensors.length; i += imageBytes) {
      tensors[i] += (byte) (tensors[i] == -1 ? -1 : 1);
    }
    write(directory, json(), tensors);

    assertThat(rows(directory))
        .hasSize(48)
        .allMatch(row -> row.largestDifference() == 1)
        .filteredOn(row -> row.outcome() == Outcome.DIFFERS)
        .extracting(row -> row.name().replaceAll(".* ", ""))
        .containsOnly(
            "AutoContrast",
            "Equalize",
            "Invert",
            "PosterizeIncreasing",
            "SolarizeIncreasing",
            "SolarizeAdd");
  }

  @Test
  void makesARowOfEachOperationThatCannotBe(@TempDir Path directory) throws IOException {
    ObjectNode json = json();
    ((ObjectNode) json.path("ops").path(0)).put("op", "GaussianBlur");
    ((ObjectNode) json.path("ops").path(1)).put("image", 7);
    ((ObjectNode) json.path("ops").path(2)).put("interpolation", "lanczos");
    ((ObjectNode) json.path("ops").path(3)).put("result", "no such tensor");
    ((ObjectNode) json.path("ops").path(10)).putArray("args").add(Double.NaN);
    write(directory, json, tensors());

    List<ParityRow> rows = rows(directory);

    assertThat(rows).hasSize(48);
    assertThat(rows.get(0).outcome()).isEqualTo(Outcome.UNSUPPORTED);
    assertThat(rows.get(0).detail()).contains("operation GaussianBlur");
    assertThat(rows)
        .filteredOn(row -> row.outcome() == Outcome.DIFFERS)
        .hasSize(4)
        .allMatch(row -> row.detail().startsWith("cannot be compared: "));
  }

  private static ObjectNode json() throws IOException {
    return (ObjectNode) new ObjectMapper().readTree(GOLDENS.resolve(RECORDING + ".json").toFile());
  }

  private static byte[] tensors() throws IOException {
    return Files.readAllBytes(GOLDENS.resolve(RECORDING + ".safetensors"));
  }

  private static void write(Path directory, ObjectNode json, byte[] tensors) throws IOException {
    Files.writeString(directory.resolve(RECORDING + ".json"), json.toString());
    Files.write(directory.resolve(RECORDING + ".safetensors"), tensors);
  }

  private static List<ParityRow> rows(Path directory) {
    List<ParityRow> rows = new ArrayList<>();
    AugmentParity.run(directory, rows::add);
    return rows;
  }
}

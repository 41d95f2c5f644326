package io.simmim.operators.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.ParityRow;
import io.simmim.schemas.ParityRow.Outcome;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class ImageParityTest {
  private static final Path GOLDENS = Path.of("src/test/resources/goldens");

  /** Crops, operations of RandAugment, and those on tiny images. */
  private static final int AUGMENTED = 15 + 48 + 314;

  @Test
  void agreesWithEveryRecording() {
    List<ParityRow> rows = rows(GOLDENS);

    assertThat(rows)
        .hasSize(11 + 36 + AUGMENTED + 7 + 44)
        .allMatch(row -> row.outcome() == Outcome.OK);
    assertThat(rows)
        .filteredOn(row -> row.name().startsWith("decoded.") || row.name().startsWith("crop."))
        .allMatch(row -> row.largestDifference() == 0);
  }

  @Test
  void makesARowOfEachFileThatCannotBeRead(@TempDir Path directory) throws IOException {
    copy(directory);
    Files.delete(directory.resolve("jpeg/progressive.jpg"));
    Files.writeString(directory.resolve("jpeg/grayscale.jpg"), "no JPEG");
    Files.createDirectory(directory.resolve("jpeg_bad/folder.jpg"));
    Files.writeString(directory.resolve("avg_dist.json"), "{\"rows\": [1,");

    List<ParityRow> rows = rows(directory);

    assertThat(rows).hasSize(11 + 36 + AUGMENTED + 8 + 1);
    assertThat(rows)
        .filteredOn(row -> row.outcome() == Outcome.DIFFERS)
        .hasSizeGreaterThan(4)
        .allMatch(row -> row.name().matches(".*(progressive|grayscale|folder).jpg|avg_dist.json"));
    assertThat(row(rows, "decoded.progressive.jpg").detail())
        .startsWith("cannot be compared: NoSuchFileException: ");
    assertThat(row(rows, "decoded.grayscale.jpg").detail())
        .isEqualTo(
            "cannot be compared: UnreadableImageException: neither JPEG nor PNG: the file begins"
                + " with 6e 6f 20 4a");
    assertThat(row(rows, "bad.folder.jpg").detail()).contains("Is a directory");
    assertThat(row(rows, "avg_dist.json").detail()).startsWith("cannot be compared: Json");
  }

  @Test
  void makesARowOfRecordingsThatAreBroken(@TempDir Path directory) throws IOException {
    copy(directory);
    keepDistances(2, directory);
    Path tensors = directory.resolve("images.safetensors");
    byte[] bytes = Files.readAllBytes(tensors);
    Files.write(tensors, Arrays.copyOf(bytes, bytes.length / 2));
    assertThat(row(rows(directory), "images.safetensors").detail())
        .startsWith("cannot be compared: IOException: not a readable safetensors file: ");

    Files.delete(tensors);
    List<ParityRow> without = rows(directory);
    assertThat(without).hasSize(1 + AUGMENTED + 7 + 2);
    assertThat(row(without, "images.safetensors").outcome()).isEqualTo(Outcome.DIFFERS);

    Files.write(tensors, bytes);
    Files.writeString(directory.resolve("images.json"), "no JSON");
    List<ParityRow> decodedOnly = rows(directory);
    assertThat(decodedOnly).hasSize(11 + 1 + AUGMENTED + 7 + 2);
    assertThat(row(decodedOnly, "images.json").outcome()).isEqualTo(Outcome.DIFFERS);
  }

  @Test
  void makesARowOfRecordedValuesThatCannotBe(@TempDir Path directory) throws IOException {
    copy(directory);
    Path crops = directory.resolve("images.json");
    JsonNode recording = new ObjectMapper().readTree(crops.toFile());
    ObjectNode first = (ObjectNode) recording.path("crops").path(0);
    first.put("height", 100_000);
    ((ObjectNode) recording.path("crops").path(1)).put("size", 1_000_000);
    ((ObjectNode) recording.path("crops").path(2)).put("tensor", "no such tensor");
    Files.writeString(crops, recording.toString());
    Files.writeString(
        directory.resolve("avg_dist.json"),
        """
        {"rows": [
          {"strategy": "random", "image": 0, "patch": 8, "ratio": 0.5, "avg_dist": 3},
          {"strategy": "random", "image": 64, "patch": 7, "ratio": 0.5, "avg_dist": 3},
          {"strategy": "random", "image": 64, "patch": 8, "ratio": 5, "avg_dist": 3}]}
        """);

    assertThat(rows(directory))
        .hasSize(11 + 36 + AUGMENTED + 7 + 3)
        .filteredOn(row -> row.outcome() == Outcome.DIFFERS)
        .hasSize(3 + 3)
        .allMatch(row -> row.detail().startsWith("cannot be compared: "));
  }

  private static ParityRow row(List<ParityRow> rows, String name) {
    return rows.stream().filter(row -> row.name().equals(name)).findFirst().orElseThrow();
  }

  private static List<ParityRow> rows(Path directory) {
    List<ParityRow> rows = new ArrayList<>();
    ImageParity.run(directory, rows::add);
    return rows;
  }

  /** Most of the time of a comparison goes into these. */
  private static void keepDistances(int count, Path directory) throws IOException {
    File file = directory.resolve("avg_dist.json").toFile();
    ObjectMapper json = new ObjectMapper();
    ObjectNode recording = (ObjectNode) json.readTree(file);
    ArrayNode kept = recording.arrayNode();
    for (int row = 0; row < count; row++) {
      kept.add(recording.required("rows").required(row));
    }
    json.writeValue(file, recording.set("rows", kept));
  }

  private static void copy(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(GOLDENS)) {
      for (Path file : files.sorted().toList()) {
        Path copy = directory.resolve(GOLDENS.relativize(file).toString());
        if (!Files.exists(copy)) {
          Files.copy(file, copy);
        }
      }
    }
  }
}

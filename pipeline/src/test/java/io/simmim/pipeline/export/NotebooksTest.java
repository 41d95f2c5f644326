package io.simmim.pipeline.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The notebooks in the docs are as Jupyter reads them, and tell nothing of a machine. */
class NotebooksTest {
  private static final Path NOTEBOOKS = Path.of("..", "docs", "notebooks");

  @Test
  void everyNotebookIsOfFormat4AndHasNoPathOfAMachine() throws IOException {
    List<Path> files;
    try (Stream<Path> entries = Files.list(NOTEBOOKS)) {
      files = entries.filter(file -> file.toString().endsWith(".ipynb")).toList();
    }
    assertThat(files).isNotEmpty();
    for (Path file : files) {
      String text = Files.readString(file);
      JsonNode notebook = new ObjectMapper().readTree(text);

      assertThat(notebook.path("nbformat").asInt()).as(file.toString()).isEqualTo(4);
      assertThat(notebook.path("metadata").path("kernelspec").path("name").asText())
          .isEqualTo("python3");
      assertThat(notebook.path("cells")).isNotEmpty().allSatisfy(NotebooksTest::assertCell);
      assertThat(text).doesNotContainPattern("/(home|tmp|root|Users|work)/");
    }
  }

  private static void assertCell(JsonNode cell) {
    assertThat(cell.path("id").asText()).matches("[a-zA-Z0-9_-]{1,64}");
    assertThat(cell.path("cell_type").asText()).isIn("code", "markdown");
    assertThat(cell.path("source")).isNotEmpty();
    if (cell.path("cell_type").asText().equals("code")) {
      assertThat(cell.path("outputs").isArray()).isTrue();
      assertThat(cell.has("execution_count")).isTrue();
    }
  }
}

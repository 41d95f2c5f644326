package io.simmim.pipeline.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The rows of features that others see: of files whose names do not begin with a dot.
 *
 * @param all as JSON, in any order
 */
public record EmbeddedRows(List<JsonNode> all) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Those in an output; none if there is no folder of them yet. */
  public static EmbeddedRows of(Path output) throws IOException {
    Path folder = output.resolve("embeddings");
    List<JsonNode> rows = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return new EmbeddedRows(rows);
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(EmbeddedRows::isVisible).toList()) {
        for (String line : Files.readAllLines(file)) {
          rows.add(JSON.readTree(line));
        }
      }
    }
    return new EmbeddedRows(rows);
  }

  private static boolean isVisible(Path file) {
    return !file.getFileName().toString().startsWith(".");
  }

  public int count() {
    return all.size();
  }

  /** Of each row. */
  public List<String> uris() {
    return all.stream().map(row -> row.get("uri").asText()).toList();
  }
}

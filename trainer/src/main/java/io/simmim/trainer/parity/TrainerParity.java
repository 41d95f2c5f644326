package io.simmim.trainer.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.schemas.ParityRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Replays the recordings of models and schedules in a directory: {@code NAME.json} with a {@code
 * config} beside {@code NAME.safetensors}, and {@code lr_schedules.json}.
 */
public final class TrainerParity {
  private static final String JSON = ".json";

  private TrainerParity() {}

  /** One row per model case in the order of the names, then one per schedule. */
  public static List<ParityRow> run(Path directory) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    List<Path> files;
    try (Stream<Path> entries = Files.list(directory)) {
      files = entries.filter(path -> path.toString().endsWith(JSON)).sorted().toList();
    }
    List<ParityRow> rows = new ArrayList<>();
    for (Path file : files) {
      JsonNode json = mapper.readTree(file.toFile());
      if (json.has("config")) {
        rows.add(modelRow(file, json));
      }
    }
    for (Path file : files) {
      JsonNode json = mapper.readTree(file.toFile());
      if (json.has("schedules")) {
        rows.addAll(ScheduleCases.run(json));
      }
    }
    return rows;
  }

  private static ParityRow modelRow(Path file, JsonNode json) throws IOException {
    String fileName = file.getFileName().toString();
    String name = fileName.substring(0, fileName.length() - JSON.length());
    try {
      RecordedModel recorded = RecordedModel.parse(json);
      return new ModelCase(name, recorded, file.resolveSibling(name + ".safetensors")).run();
    } catch (UnsupportedCaseException | IllegalArgumentException e) {
      return ParityRow.unsupported(name, e.getMessage());
    }
  }
}

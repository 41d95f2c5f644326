package io.simmim.trainer.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.schemas.ParityRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Replays the recordings of models and schedules in a directory: {@code NAME.json} with a {@code
 * config} beside {@code NAME.safetensors}, such of resampled positions, {@code lr_schedules.json},
 * and folders of models as other libraries write them, with {@code expected.safetensors}.
 */
public final class TrainerParity {
  private static final String JSON = ".json";

  /** Of images, not of models: replayed elsewhere. */
  private static final Set<String> OTHERS = Set.of("images.json", "avg_dist.json");

  private TrainerParity() {}

  /**
   * One row per model case in the order of the names, then one per schedule and table of positions,
   * then one per model of another library. What cannot be read is a row that differs.
   *
   * @param device that the models are on: {@code cpu}, or {@code gpu0} and so on
   * @throws IOException if the directory cannot be listed
   */
  public static List<ParityRow> run(Path directory, String device) throws IOException {
    List<Path> files;
    try (Stream<Path> entries = Files.list(directory)) {
      files = entries.filter(TrainerParity::isRecording).sorted().toList();
    }
    List<ParityRow> rows = new ArrayList<>();
    List<ParityRow> others = new ArrayList<>();
    for (Path file : files) {
      JsonNode json;
      try {
        json = new ObjectMapper().readTree(file.toFile());
      } catch (IOException e) {
        rows.add(ParityRow.failed(file.getFileName().toString(), e));
        continue;
      }
      if (json.has("config")) {
        rows.add(modelRow(file, json, device));
      }
      if (json.path("task").asText().equals(PositionCases.TASK)) {
        String name = nameOf(file);
        others.addAll(PositionCases.run(name, json, file.resolveSibling(name + ".safetensors")));
      }
      if (json.has("schedules")) {
        others.addAll(ScheduleCases.run(json));
      }
    }
    rows.addAll(others);
    rows.addAll(ForeignCase.rows(directory, device));
    return rows;
  }

  private static String nameOf(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.length() - JSON.length());
  }

  private static boolean isRecording(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(JSON) && !OTHERS.contains(name);
  }

  private static ParityRow modelRow(Path file, JsonNode json, String device) {
    String name = nameOf(file);
    Path tensors = file.resolveSibling(name + ".safetensors");
    try {
      if (json.path("task").asText().equals(RecordedFinetuning.TASK)) {
        return new FinetuningCase(name, RecordedFinetuning.parse(json), tensors, device).run();
      }
      RecordedModel recorded = RecordedModel.parse(json);
      return new ModelCase(name, recorded, tensors, device).run();
    } catch (UnsupportedCaseException | IllegalArgumentException e) {
      return ParityRow.unsupported(name, e.getMessage());
    } catch (IOException | RuntimeException e) {
      return ParityRow.failed(name, e);
    }
  }
}

package io.simmim.trainer.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.simmim.schemas.ParityRow;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.trainer.weights.Resampling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Recorded tables of position biases at another window or resolution. */
final class PositionCases {
  /** Name of the task in a recording. */
  static final String TASK = "resample_position_bias";

  /** Largest difference of two values, as the recordings state. */
  private static final double TOLERANCE = 1e-5;

  private static final String TABLE = "relative_position_bias_table";

  private PositionCases() {}

  static List<ParityRow> run(String name, JsonNode json, Path tensors) {
    List<ParityRow> rows = new ArrayList<>();
    try (SafetensorsFile file = SafetensorsFile.open(tensors)) {
      for (JsonNode recorded : json.path("cases")) {
        rows.add(row("%s.%d".formatted(name, rows.size()), recorded, file));
      }
    } catch (IOException e) {
      rows.add(ParityRow.failed(name, e));
    }
    return rows;
  }

  private static ParityRow row(String name, JsonNode recorded, SafetensorsFile file) {
    String before = recorded.path("table").asText();
    String after = recorded.path("result").asText();
    try {
      Optional<Resampling> resampling =
          Resampling.of(TABLE, file.tensor(before).shape(), file.tensor(after).shape());
      if (resampling.isEmpty()) {
        return ParityRow.unsupported(name, "tables of these shapes are not resampled");
      }
      Agreement agreement = new Agreement(name);
      agreement.within(
          resampling.get().text(),
          resampling.get().apply(file.readFloats(before)),
          file.readFloats(after),
          TOLERANCE);
      return agreement.row();
    } catch (IOException | RuntimeException e) {
      return ParityRow.failed(name, e);
    }
  }
}

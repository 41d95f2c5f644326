package io.simmim.trainer.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.schemas.text.JsonProblem;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.apache.flink.core.fs.Path;

/** What a model was found to be worth, as the {@code config.json} beside it says. */
public final class NotedAccuracy {
  private static final String RESULTS = "results";
  private static final int LONGEST = 1 << 25;

  private NotedAccuracy() {}

  /** Notes an accuracy; when it was measured is not among it. */
  public static void add(ObjectNode json, EpochAccuracy accuracy) {
    json.putObject(RESULTS)
        .put("epoch", accuracy.epoch())
        .put("step", accuracy.step())
        .put("top1", accuracy.top1())
        .put("top5", accuracy.top5())
        .put("images", accuracy.images())
        .put("loss", accuracy.loss());
  }

  /**
   * What was noted, if there is a model with weights and something was. Without them it is of a
   * model that could not be written.
   *
   * @param folder of the model
   */
  public static Optional<EpochAccuracy> read(Path folder) throws IOException {
    Path file = new Path(folder, ModelPaths.CONFIG);
    byte[] bytes;
    try (InputStream in = file.getFileSystem().open(file)) {
      file.getFileSystem().getFileStatus(new Path(folder, ModelPaths.WEIGHTS));
      bytes = in.readNBytes(LONGEST);
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
    JsonNode results;
    try {
      results = new ObjectMapper().readTree(bytes).path(RESULTS);
    } catch (JsonProcessingException e) {
      throw new IOException("%s is damaged: %s".formatted(file, JsonProblem.of(e)), e);
    }
    if (!results.isObject()) {
      return Optional.empty();
    }
    return Optional.of(
        new EpochAccuracy(
            results.path("epoch").asInt(),
            results.path("step").asLong(),
            results.path("top1").asLong(),
            results.path("top5").asLong(),
            results.path("images").asLong(),
            results.path("loss").asDouble(),
            0));
  }
}

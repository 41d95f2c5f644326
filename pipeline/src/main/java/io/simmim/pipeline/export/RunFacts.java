package io.simmim.pipeline.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.evaluation.EpochAccuracy;
import io.simmim.trainer.export.ModelPaths;
import io.simmim.trainer.export.NotedAccuracy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * What the output of a run tells of how a model was trained.
 *
 * @param run its {@code run.json}; empty if the model is not in the output of a run
 * @param step how far it was
 * @param initial digest of what it began with
 * @param accuracy what a classifier was found to be worth
 */
record RunFacts(
    JsonNode run, StepOfModel step, Optional<String> initial, Optional<EpochAccuracy> accuracy) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String INITIAL = "init_from";
  private static final int LONGEST = 1 << 25;
  private static final int TAIL = 1 << 14;

  /** Looks into a model's folder, and beside it. */
  static RunFacts of(Path model) throws IOException {
    Path output = model.getParent();
    Optional<String> began =
        text(parsed(tail(new Path(model, ModelPaths.CONFIG), LONGEST)).path(INITIAL));
    Optional<EpochAccuracy> noted = NotedAccuracy.read(model);
    JsonNode run = output == null ? nothing() : parsed(tail(new Path(output, "run.json"), LONGEST));
    if (run.isEmpty()) {
      return new RunFacts(nothing(), StepOfModel.unknown(), began, noted);
    }
    boolean trained = model.equals(new Path(ModelPaths.trained(output.toString())));
    return new RunFacts(
        run,
        StepOfModel.of(
            output, run, model, noted, tail(new Path(output, "config.resolved.yaml"), LONGEST)),
        began,
        noted.isEmpty() && trained
            ? accuracy(lastLine(new Path(output, "validation.jsonl")))
            : noted);
  }

  private static JsonNode nothing() {
    return MAPPER.createObjectNode();
  }

  private static JsonNode lastLine(Path file) throws IOException {
    String lines = tail(file, TAIL).strip();
    return parsed(lines.substring(lines.lastIndexOf('\n') + 1));
  }

  /** Of a line of a run's validation, which has shares of the images. */
  private static Optional<EpochAccuracy> accuracy(JsonNode line) {
    long images = line.path("images").asLong();
    return images < 1
        ? Optional.empty()
        : Optional.of(
            new EpochAccuracy(
                line.path("epoch").asInt(),
                line.path("step").asLong(),
                Math.round(line.path("top1").asDouble() * images),
                Math.round(line.path("top5").asDouble() * images),
                images,
                line.path("loss").asDouble(),
                0));
  }

  /** Notes what is known of a model in its new description. */
  void keepIn(ObjectNode json) {
    accuracy.ifPresent(measured -> NotedAccuracy.add(json, measured));
    initial.ifPresent(digest -> json.put(INITIAL, digest));
  }

  private static String tail(Path file, int bytes) throws IOException {
    FileSystem files = file.getFileSystem();
    if (!RunFolder.exists(files, file) || files.getFileStatus(file).isDir()) {
      return "";
    }
    try (FSDataInputStream in = files.open(file)) {
      in.seek(Math.max(0, files.getFileStatus(file).getLen() - bytes));
      return new String(in.readNBytes(bytes), StandardCharsets.UTF_8);
    }
  }

  private static JsonNode parsed(String text) {
    try {
      JsonNode json = MAPPER.readTree(text);
      return json.isObject() ? json : MAPPER.createObjectNode();
    } catch (JsonProcessingException e) {
      return MAPPER.createObjectNode(); // a card says less then
    }
  }

  /** A value of the configuration. */
  Optional<String> value(String key) {
    return text(run.path("identity").path(key));
  }

  /** Images of the catalog. */
  Optional<String> images() {
    return text(run.path("catalog").path("size"));
  }

  private static Optional<String> text(JsonNode value) {
    return value.isValueNode() && !value.isNull() ? Optional.of(value.asText()) : Optional.empty();
  }
}

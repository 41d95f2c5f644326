package io.simmim.pipeline.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simmim.pipeline.run.folder.RunFolder;
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
 * @param lastStep last line of its metrics; empty if there is none
 */
record RunFacts(JsonNode run, JsonNode lastStep) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int LONGEST = 1 << 20;
  private static final int TAIL = 1 << 14;

  /** Looks beside a model's folder. */
  static RunFacts beside(Path model) throws IOException {
    Path output = model.getParent();
    if (output == null) {
      return new RunFacts(MAPPER.createObjectNode(), MAPPER.createObjectNode());
    }
    String metrics = tail(new Path(output, "metrics.jsonl"), TAIL).strip();
    return new RunFacts(
        parsed(tail(new Path(output, "run.json"), LONGEST)),
        parsed(metrics.substring(metrics.lastIndexOf('\n') + 1)));
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

  /** A value of the last step's metrics. */
  Optional<String> last(String key) {
    return text(lastStep.path(key));
  }

  private static Optional<String> text(JsonNode value) {
    return value.isValueNode() && !value.isNull() ? Optional.of(value.asText()) : Optional.empty();
  }
}

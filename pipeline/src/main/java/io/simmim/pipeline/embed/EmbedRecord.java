package io.simmim.pipeline.embed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.flink.core.fs.Path;

/**
 * {@code embed.json}: what the rows of an output are, so that the same command goes on and another
 * one is refused.
 *
 * @param values of what decides the rows
 * @param complete whether all of them are there
 */
public record EmbedRecord(Map<String, String> values, boolean complete) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String COMPLETE = "complete";

  public EmbedRecord {
    values = Map.copyOf(values);
  }

  private static Path file(RunFolder folder) {
    return new Path(folder.root(), "embed.json");
  }

  /** The one of an output, if there is one. */
  public static Optional<EmbedRecord> read(RunFolder folder) {
    return folder.read(file(folder)).map(text -> parse(folder, text));
  }

  private static EmbedRecord parse(RunFolder folder, String text) {
    try {
      JsonNode json = JSON.readTree(text);
      Map<String, String> values = new TreeMap<>();
      for (Iterator<Map.Entry<String, JsonNode>> at = json.properties().iterator();
          at.hasNext(); ) {
        Map.Entry<String, JsonNode> entry = at.next();
        if (!entry.getKey().equals(COMPLETE)) {
          values.put(entry.getKey(), entry.getValue().asText());
        }
      }
      return new EmbedRecord(values, json.path(COMPLETE).asBoolean());
    } catch (JsonProcessingException e) {
      throw new UserError(
          "%s is damaged: delete the output, or name another one"
              .formatted(RunFolder.readable(file(folder))),
          e);
    }
  }

  /** Writes it. */
  public void write(RunFolder folder) {
    ObjectNode json = JSON.createObjectNode();
    new TreeMap<>(values).forEach(json::put);
    json.put(COMPLETE, complete);
    folder.write(file(folder), json.toPrettyString() + "\n");
  }

  /**
   * Refuses to go on with other rows.
   *
   * @throws UserError that says what differs
   */
  public void requireSame(EmbedRecord wanted) {
    List<String> differences = new ArrayList<>();
    new TreeMap<>(wanted.values)
        .forEach(
            (key, value) -> {
              String before = values.getOrDefault(key, "none");
              if (!before.equals(value)) {
                differences.add("%s was %s and is %s".formatted(key, before, value));
              }
            });
    if (!differences.isEmpty()) {
      throw new UserError(
          "the output holds other embeddings (name another one): "
              + String.join("; ", differences));
    }
  }
}

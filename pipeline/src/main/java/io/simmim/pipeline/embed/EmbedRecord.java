package io.simmim.pipeline.embed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.operators.catalog.listing.CatalogLister;
import io.simmim.pipeline.run.folder.OutputUse;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.Normalization;
import io.simmim.schemas.UserError;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * {@code embed.json}: what the rows of an output are, so that the same command goes on and another
 * one is refused.
 *
 * @param values of what decides the rows
 * @param stage how far they are
 */
public record EmbedRecord(Map<String, String> values, Stage stage) {
  /** How far the rows of an output are. */
  public enum Stage {
    BEGUN,
    /** All are there, or in a completed checkpoint that is there: see {@link ImageCount}. */
    COUNTED,
    COMPLETE
  }

  /** Key of the classes, which records of earlier builds have not got. */
  static final String LABELS = "labels";

  /** Key of how images are shown, which records of earlier builds have not got. */
  public static final String NORMALIZATION = "normalization";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String COMPLETE = "complete";
  private static final String COUNTED = "counted";
  private static final int LONGEST_SHOWN = 200;

  /** Key of the inputs, which records of earlier builds have not got. */
  private static final String INPUT = "input";

  public EmbedRecord {
    values = Map.copyOf(values);
  }

  /** The one of an output, if there is one. */
  public static Optional<EmbedRecord> read(RunFolder folder) {
    return folder.read(OutputUse.embeddings(folder)).map(text -> parse(folder, text));
  }

  private static EmbedRecord parse(RunFolder folder, String text) {
    try {
      JsonNode json = JSON.readTree(text);
      if (!json.isObject()) {
        throw damaged(folder, null);
      }
      Map<String, String> values = new TreeMap<>();
      for (Iterator<Map.Entry<String, JsonNode>> at = json.properties().iterator();
          at.hasNext(); ) {
        Map.Entry<String, JsonNode> entry = at.next();
        values.put(entry.getKey(), entry.getValue().asText());
      }
      values.remove(COMPLETE);
      values.remove(COUNTED);
      boolean counted = json.path(COUNTED).asBoolean();
      return new EmbedRecord(
          values,
          json.path(COMPLETE).asBoolean() ? Stage.COMPLETE : counted ? Stage.COUNTED : Stage.BEGUN);
    } catch (JsonProcessingException e) {
      throw damaged(folder, e);
    }
  }

  private static UserError damaged(RunFolder folder, JsonProcessingException cause) {
    return new UserError(
        "%s is damaged: delete the output, or name another one"
            .formatted(RunFolder.readable(OutputUse.embeddings(folder))),
        cause);
  }

  /** Writes it. */
  public void write(RunFolder folder) {
    folder.write(OutputUse.embeddings(folder), text());
  }

  /** What is written. */
  public String text() {
    ObjectNode json = JSON.createObjectNode();
    new TreeMap<>(values).forEach(json::put);
    json.put(COUNTED, stage != Stage.BEGUN);
    json.put(COMPLETE, stage == Stage.COMPLETE);
    return json.toPrettyString() + "\n";
  }

  /** The same of rows that are so far. */
  public EmbedRecord at(Stage reached) {
    return new EmbedRecord(values, reached);
  }

  /**
   * The same with where the images come from, whatever order the inputs are given in.
   *
   * @param uris as the user gives them
   * @param before what the output was begun with; what has no inputs gets none
   * @throws UserError if one cannot be a URI of images
   */
  public EmbedRecord withInput(List<String> uris, Optional<EmbedRecord> before) {
    if (before.filter(earlier -> !earlier.values.containsKey(INPUT)).isPresent()) {
      return this;
    }
    Map<String, String> more = new TreeMap<>(values);
    more.put(INPUT, String.join(", ", new TreeSet<>(CatalogLister.qualified(uris))));
    return new EmbedRecord(more, stage);
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
              String before = values.getOrDefault(key, beforeThereWas(key, value));
              if (!before.equals(value)) {
                differences.add("%s was %s and is %s".formatted(key, shown(before), shown(value)));
              }
            });
    if (!differences.isEmpty()) {
      throw new UserError(
          "the output holds other embeddings (name another one): "
              + String.join("; ", differences));
    }
  }

  /** What records of earlier builds would say. */
  private static String beforeThereWas(String key, String value) {
    return switch (key) {
      case LABELS -> value;
      case NORMALIZATION -> Normalization.IMAGENET.toString();
      default -> "none";
    };
  }

  private static String shown(String value) {
    return value.length() <= LONGEST_SHOWN ? value : value.substring(0, LONGEST_SHOWN) + "…";
  }
}

package io.simmim.pipeline.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.schemas.UserError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A tree of settings that begins as the defaults and takes on layers. The defaults hold every key,
 * so a key that is not there does not exist. Mappings merge, everything else replaces. A group that
 * the defaults leave empty is open: it takes any keys, kept as dotted paths below it, with text as
 * values.
 */
final class Layers {
  /** Numbers that YAML 1.1 reads as text because they have no dot: 1e-4. */
  private static final Pattern EXPONENT_NUMBER =
      Pattern.compile("[-+]?[0-9]+(\\.[0-9]*)?[eE][-+]?[0-9]+");

  private static final int NEAREST_KEYS = 3;

  private final ObjectNode defaults;
  private final ObjectNode tree;
  private final Set<String> explicit = new TreeSet<>();

  Layers(ObjectNode defaults) {
    this.defaults = defaults;
    this.tree = defaults.deepCopy();
  }

  ObjectNode tree() {
    return tree;
  }

  /**
   * Reads a layer: in open groups values are texts as they stand there, since a password may look
   * like a number.
   *
   * @param origin names it in error messages
   */
  ObjectNode read(String yaml, String origin) {
    return Yaml.mapping(yaml, origin, openGroups());
  }

  private Set<String> openGroups() {
    return defaults.properties().stream()
        .filter(entry -> isOpen(entry.getValue()))
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Paths that a layer marked as the user's has set. */
  Set<String> explicit() {
    return explicit;
  }

  /** Merges what ships with this build. */
  void merge(ObjectNode layer, String origin) {
    merge("", layer, defaults, tree, origin, new TreeSet<>());
  }

  /** Merges what the user wrote, and remembers its keys. */
  void mergeExplicit(ObjectNode layer, String origin) {
    merge("", layer, defaults, tree, origin, explicit);
  }

  /** Sets one key by its dotted path; the value is YAML. */
  void set(String path, String value) {
    String origin = "--set " + path;
    ObjectNode layer = defaults.objectNode();
    ObjectNode inner = layer;
    String[] keys = path.split("\\.", -1);
    if (isOpen(defaults.get(path))) {
      mergeExplicit(read(path + ": " + value, origin), "--set");
      return;
    }
    if (isOpen(defaults.get(keys[0]))) {
      // The value is the text as it is: a secret may look like a number.
      layer.putObject(keys[0]).put(path.substring(keys[0].length() + 1), value);
      mergeExplicit(layer, "--set");
      return;
    }
    for (int i = 0; i < keys.length - 1; i++) {
      inner = inner.putObject(keys[i]);
    }
    JsonNode parsed = Yaml.parse(value, origin);
    inner.set(keys[keys.length - 1], parsed.isMissingNode() ? defaults.nullNode() : parsed);
    mergeExplicit(layer, "--set");
  }

  private void merge(
      String prefix,
      ObjectNode layer,
      ObjectNode schema,
      ObjectNode target,
      String origin,
      Set<String> changed) {
    for (Map.Entry<String, JsonNode> entry : layer.properties()) {
      String path = prefix + entry.getKey();
      JsonNode expected = schema.get(entry.getKey());
      if (expected == null) {
        throw unknown(path, origin);
      }
      JsonNode value = entry.getValue();
      if (expected instanceof ObjectNode inner) {
        if (!(value instanceof ObjectNode group)) {
          throw new UserError(
              "%s is a group of keys (%s), not a value: %s"
                  .formatted(path, String.join(", ", keys(inner)), value.asText(value.toString())));
        }
        ObjectNode into = (ObjectNode) target.get(entry.getKey());
        if (isOpen(expected)) {
          mergeOpen(path + ".", group, into, changed);
        } else {
          merge(path + ".", group, inner, into, origin, changed);
        }
      } else {
        if (value.isNull() && !expected.isNull()) {
          throw new UserError("%s must not be empty (default: %s)".formatted(path, expected));
        }
        target.set(entry.getKey(), expected.isNumber() ? number(value) : value);
        changed.add(path);
      }
    }
  }

  private static boolean isOpen(JsonNode group) {
    return group instanceof ObjectNode object && object.isEmpty();
  }

  private static void mergeOpen(
      String prefix, ObjectNode group, ObjectNode target, Set<String> changed) {
    leaves(
        "",
        group,
        (key, value) -> {
          if (value.isContainerNode() || value.isNull()) {
            throw new UserError(prefix + key + " must be text");
          }
          target.put(key, value.asText());
          changed.add(prefix + key);
        });
  }

  private static JsonNode number(JsonNode value) {
    if (value.isTextual() && EXPONENT_NUMBER.matcher(value.textValue()).matches()) {
      return DoubleNode.valueOf(Double.parseDouble(value.textValue()));
    }
    return value;
  }

  private UserError unknown(String path, String origin) {
    List<String> known = new ArrayList<>();
    leaves(
        "",
        defaults,
        (key, value) -> {
          if (!value.isObject()) {
            known.add(key);
          }
        });
    known.sort(
        Comparator.<String>comparingInt(key -> distance(path, key)).thenComparing(key -> key));
    return new UserError(
        "unknown key in %s: %s (nearest: %s)"
            .formatted(
                origin,
                path,
                String.join(", ", known.subList(0, Math.min(NEAREST_KEYS, known.size())))));
  }

  /** Visits all values below a tree with their dotted paths; an empty group counts as a value. */
  static void leaves(String prefix, ObjectNode tree, BiConsumer<String, JsonNode> visitor) {
    for (Map.Entry<String, JsonNode> entry : tree.properties()) {
      String path = prefix + entry.getKey();
      if (entry.getValue() instanceof ObjectNode inner && !inner.isEmpty()) {
        leaves(path + ".", inner, visitor);
      } else {
        visitor.accept(path, entry.getValue());
      }
    }
  }

  /** The value at a dotted path, as text: lists in YAML's flow style. */
  static String text(JsonNode value) {
    if (value instanceof ArrayNode list) {
      List<String> items = new ArrayList<>();
      list.forEach(item -> items.add(text(item)));
      return "[" + String.join(", ", items) + "]";
    }
    return value.isObject() ? "{}" : value.asText();
  }

  private static List<String> keys(ObjectNode group) {
    return group.properties().stream().map(Map.Entry::getKey).toList();
  }

  /**
   * Edit distance; a key that ends alike in another group is near too, so that {@code epochs} finds
   * {@code training.epochs}.
   */
  private static int distance(String wrong, String key) {
    String wrongName = wrong.substring(wrong.lastIndexOf('.') + 1);
    String name = key.substring(key.lastIndexOf('.') + 1);
    return Math.min(Nearest.edits(wrong, key), 1 + Nearest.edits(wrongName, name));
  }
}

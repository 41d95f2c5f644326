package io.simmim.pipeline.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.operators.source.fetch.FetchConfig;
import io.simmim.schemas.UserError;
import io.simmim.trainer.model.ModelConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Puts a configuration together: {@code defaults.yaml}, then a preset, then a file, then single
 * keys. Later layers win.
 */
public final class ConfigLoader {
  /**
   * A bound configuration.
   *
   * @param config the records
   * @param explicit dotted paths of the keys that the user set in a file or on the command line
   */
  public record Loaded(SimmimConfig config, Set<String> explicit) {}

  private static final String DEFAULTS = "defaults.yaml";
  private static final String FINETUNING = "finetuning.yaml";
  private static final String BIAS = "relative-position-bias";

  /** Read once in a process: with its comments it has hundreds of lines. */
  private static final ObjectNode DEFAULT_VALUES = Yaml.mapping(Yaml.resource(DEFAULTS), DEFAULTS);

  private final Layers layers = new Layers(defaults());

  static ObjectNode defaults() {
    return DEFAULT_VALUES.deepCopy();
  }

  /** Names of the groups of keys. */
  public static Set<String> groups() {
    return defaults().properties().stream()
        .filter(entry -> entry.getValue().isObject())
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** What a run of that kind, listed or continuous, is configured by if nothing is set. */
  public static SimmimConfig defaultsOf(SimmimConfig kind) {
    return new ConfigLoader().like(kind);
  }

  /** What a run of that kind is configured by if nothing but a preset is chosen. */
  public static SimmimConfig presetOf(SimmimConfig kind, String preset) {
    ConfigLoader loader = new ConfigLoader();
    return (kind.finetune().isOn() ? loader.finetuning() : loader).preset(preset).like(kind);
  }

  private SimmimConfig like(SimmimConfig kind) {
    set(List.of("continuous.follow=" + kind.continuous().isOn()));
    if (kind.finetune().isOn()) {
      validation(kind.finetune().validation());
    }
    return load().config();
  }

  /** Merges the recipe of a fine-tuning, on which presets and the rest build. */
  public ConfigLoader finetuning() {
    layers.merge(Yaml.mapping(Yaml.resource(FINETUNING), FINETUNING), FINETUNING);
    return this;
  }

  /**
   * Merges what a model is that is fine-tuned, without its stochastic depth: the shape of its
   * encoder, size and normalisation of its images.
   */
  public ConfigLoader model(ModelConfig model) {
    ObjectNode layer = layers.tree().objectNode();
    ObjectNode image = layer.putObject("image").put("size", model.imageSize());
    model.normalization().mean().forEach(image.putArray("mean")::add);
    model.normalization().deviation().forEach(image.putArray("std")::add);
    ObjectNode shape = ConfigBinder.unbind(model.encoder());
    shape.remove("drop-path-rate");
    layer.set("encoder", shape);
    layers.merge(layer, "--model");
    return this;
  }

  /** Merges a preset that ships with this build. */
  public ConfigLoader preset(String name) {
    layers.merge(Yaml.mapping(Presets.text(name), "preset " + name), "preset " + name);
    return this;
  }

  /** Merges a YAML file. */
  public ConfigLoader file(Path file) {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UserError("--config must name a readable YAML file: " + file, e);
    }
    return text(text, file.toString());
  }

  /**
   * Merges YAML.
   *
   * @param origin names it in error messages
   */
  public ConfigLoader text(String yaml, String origin) {
    layers.mergeExplicit(layers.read(yaml, origin), origin);
    return this;
  }

  /**
   * Merges the whole configuration of a run as {@link ConfigText#yaml} wrote it, without the
   * secrets that are not in it.
   *
   * @param name of the file
   */
  public ConfigLoader stored(String text, String name) {
    ObjectNode tree = layers.read(text, name);
    for (JsonNode group : tree) {
      if (group instanceof ObjectNode keys) {
        keys.properties().removeIf(key -> ConfigText.REDACTED.equals(key.getValue().asText()));
      }
    }
    layers.mergeExplicit(tree, name);
    return this;
  }

  /**
   * Sets single keys.
   *
   * @param assignments {@code key=value} each, the key a dotted path and the value YAML
   */
  public ConfigLoader set(List<String> assignments) {
    for (String assignment : assignments) {
      int equals = assignment.indexOf('=');
      if (equals < 1) {
        throw new UserError("--set must be key=value, such as training.epochs=100: " + assignment);
      }
      layers.set(assignment.substring(0, equals).strip(), assignment.substring(equals + 1));
    }
    return this;
  }

  /** Sets the input from the command line's own option. */
  public ConfigLoader input(List<String> uris) {
    ObjectNode layer = layers.tree().objectNode();
    uris.forEach(layer.putObject("data").putArray("input")::add);
    layers.mergeExplicit(layer, "--input");
    return this;
  }

  /** Sets what a fine-tuning is measured on from the command line's own option. */
  public ConfigLoader validation(List<String> uris) {
    ObjectNode layer = layers.tree().objectNode();
    uris.forEach(layer.putObject("finetune").putArray("validation")::add);
    layers.mergeExplicit(layer, "--validation");
    return this;
  }

  /** Sets the output from the command line's own option. */
  public ConfigLoader output(String uri) {
    layers.mergeExplicit(layers.tree().objectNode().put("output", uri), "--output");
    return this;
  }

  /** Sets the weights to begin with from the command line's own option. */
  public ConfigLoader initFrom(String uri) {
    layers.mergeExplicit(layers.tree().objectNode().put("init-from", uri), "--init-from");
    return this;
  }

  /**
   * Binds and validates. A continuous run has the schedule of one unless the user chose another:
   * the presets' are for a given number of epochs. A vit that is fine-tuned has a position bias in
   * each block instead of one for all, unless the user chose that.
   */
  public Loaded load() {
    ObjectNode tree = layers.tree();
    boolean continuous =
        ConfigBinder.bind(tree.deepCopy().retain("continuous"), Kind.class).continuous().isOn();
    ObjectNode encoder = (ObjectNode) tree.get("encoder");
    if (!tree.path("finetune").path("validation").isEmpty()
        && encoder.path(BIAS).asText().equals("shared")
        && !layers.explicit().contains("encoder." + BIAS)) {
      encoder.put(BIAS, "per-block");
    }
    if (continuous && !layers.explicit().contains("schedule.type")) {
      ((ObjectNode) tree.get("schedule")).put("type", "constant");
    }
    return new Loaded(ConfigBinder.bind(tree, SimmimConfig.class), Set.copyOf(layers.explicit()));
  }

  /**
   * Refuses a fine-tuning that nothing is to be measured on, before it is taken for a pre-training.
   *
   * @throws UserError if there is no such option
   */
  public ConfigLoader requireValidation() {
    if (layers.tree().path("finetune").path("validation").isEmpty()) {
      throw new UserError(
          "--validation is missing (allowed: folders or tar shards of images with classes)");
    }
    return this;
  }

  /** How storage is reached, before all else is known. */
  public Storage storage() {
    return ConfigBinder.bind(layers.tree().deepCopy().retain("fetch", "flink"), Storage.class);
  }

  /** The groups of keys that tell how storage is reached, under their full paths. */
  public record Storage(FetchConfig fetch, FlinkOptions flink) {}

  /** The keys that decide what kind of run it is, under their full paths. */
  private record Kind(ContinuousConfig continuous) {}
}

package io.simmim.pipeline.run;

import static io.simmim.pipeline.run.folder.RunFolder.readable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.operators.catalog.CatalogReference;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.pipeline.labelled.StoredSets;
import io.simmim.pipeline.run.folder.RunFolder;
import io.simmim.schemas.UserError;
import io.simmim.schemas.text.PrintableText;
import io.simmim.trainer.model.target.ClusterColors;
import io.simmim.trainer.operator.ConfigurationIdentity;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a resumed run must agree with: {@code run.json}.
 *
 * @param identity the configuration that the training sequence and the model depend on
 * @param catalog the images; empty in a continuous run
 * @param inputs what the catalog was made of; empty in a continuous run, where they may change, and
 *     in records of earlier builds
 * @param decay how a continuous run ends, if it is to
 */
public record RunRecord(
    ConfigurationIdentity identity,
    Optional<CatalogReference> catalog,
    Optional<RunInputs> inputs,
    Optional<Decay> decay) {
  /** Of a run over a catalog. */
  static final int VERSION_1 = 1;

  /** Of a continuous run: has no catalog, and may have a decay. */
  static final int VERSION_2 = 2;

  /** Of both kinds: has the defaults of configuration keys besides their values. */
  static final int VERSION_3 = 3;

  /** Key of the colours of clusters, wherever they come from. */
  private static final String COLORS = "target.cluster-colors";

  /** Keys whose values images and labels decide. */
  private static final List<String> OF_IMAGES =
      List.of(
          COLORS, StoredSets.LABELS, StoredSets.VALIDATION_LABELS, StoredSets.VALIDATION_IMAGES);

  private static final String INPUTS = "inputs";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /**
   * Reads that of an output, or nothing if no run began there.
   *
   * @throws UserError if it is damaged, or of a later build
   */
  public static Optional<RunRecord> read(RunFolder folder) {
    return folder.read(folder.run()).map(text -> parse(text, folder.run().toString()));
  }

  private static RunRecord parse(String text, String name) {
    try {
      JsonNode root = MAPPER.readTree(text);
      if (!root.isObject()) {
        throw new IllegalArgumentException("it holds no JSON object");
      }
      int version = root.path("format-version").asInt();
      if (version < VERSION_1 || version > VERSION_3) {
        throw new UserError(
            "%s has format version %d; this build reads versions %d to %d"
                .formatted(name, version, VERSION_1, VERSION_3));
      }
      boolean listed = version == VERSION_3 ? root.has("catalog") : version == VERSION_1;
      return new RunRecord(
          new ConfigurationIdentity(keys(root.path("identity")), keys(root.path("defaults"))),
          listed ? Optional.of(catalog(root.path("catalog"))) : Optional.empty(),
          root.has(INPUTS) ? Optional.of(inputs(root.path(INPUTS))) : Optional.empty(),
          root.has("decay") ? Optional.of(Decay.read(root.path("decay"))) : Optional.empty());
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new UserError("%s is damaged: %s".formatted(name, PrintableText.reason(e)), e);
    }
  }

  private static Map<String, String> keys(JsonNode object) {
    Map<String, String> keys = new TreeMap<>();
    object.properties().forEach(entry -> keys.put(entry.getKey(), entry.getValue().asText()));
    return keys;
  }

  private static CatalogReference catalog(JsonNode catalog) {
    return new CatalogReference(
        catalog.path("path").asText(),
        catalog.path("digest").asText(),
        catalog.path("size").asLong());
  }

  private static RunInputs inputs(JsonNode inputs) {
    return new RunInputs(texts(inputs.path("images")), texts(inputs.path("validation")));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /** What a checkpoint of a run must agree with. */
  static ConfigurationIdentity identity(ConfigurationIdentity configured, ClusterColors colors) {
    return colors.count() > 0
        ? configured.with(COLORS, "sha256:" + ClusterPalette.digest(colors))
        : configured;
  }

  /**
   * Compares what does not need images or colours, where the images come from included.
   *
   * @throws UserError if this run is one of another kind or configuration
   */
  void requireSame(SimmimConfig config, ConfigurationIdentity configured, RunFolder folder) {
    boolean wasContinuous = catalog.isEmpty();
    if (wasContinuous != config.continuous().isOn()) {
      throw new UserError(
          (wasContinuous
                  ? "the run in %s is a continuous one: --follow, --events or --decay-steps continues it"
                  : "the run in %s is one over a list of images: it continues without --follow, --events and --decay-steps")
              .formatted(readable(folder.root())));
    }
    requireSameCommand(config.finetune().isOn(), folder);
    requireSame(withOwn(OF_IMAGES, configured), folder);
    inputs.ifPresent(before -> before.requireSame(RunInputs.of(config), folder));
  }

  private void requireSameCommand(boolean finetunes, RunFolder folder) {
    boolean wasFinetuning =
        identity.values().keySet().stream().anyMatch(key -> key.startsWith("finetune."));
    if (wasFinetuning != finetunes) {
      throw new UserError(
          "the output %s holds a %s: name another one"
              .formatted(readable(folder.root()), wasFinetuning ? "fine-tuning" : "pre-training"));
    }
  }

  private ConfigurationIdentity withOwn(List<String> keys, ConfigurationIdentity configured) {
    ConfigurationIdentity now = configured;
    for (String key : keys) {
      String value = identity.values().get(key);
      now = value == null ? now : now.with(key, value);
    }
    return now;
  }

  /**
   * Keys that a configuration has other values of, such as a mask file that has changed; without
   * those that images, labels and initial weights decide.
   */
  List<String> differences(ConfigurationIdentity configured) {
    ConfigurationIdentity now = withOwn(OF_IMAGES, configured);
    return withOwn(List.of(InitialWeights.KEY), now).differencesFrom(identity);
  }

  /**
   * Compares everything.
   *
   * @throws UserError with all differing keys
   */
  void requireSame(ConfigurationIdentity now, RunFolder folder) {
    List<String> differences = now.differencesFrom(identity);
    if (!differences.isEmpty()) {
      throw new UserError(
          "the run in %s has another configuration (--resume none starts over; or choose another --output): %s"
              .formatted(readable(folder.root()), String.join("; ", differences)));
    }
  }

  void write(RunFolder folder) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("format-version", VERSION_3);
    identity.values().forEach(root.putObject("identity")::put);
    identity.defaults().forEach(root.putObject("defaults")::put);
    catalog.ifPresent(
        images ->
            root.putObject("catalog")
                .put("path", images.path())
                .put("digest", images.digest())
                .put("size", images.size()));
    inputs.ifPresent(made -> write(made, root.putObject(INPUTS)));
    decay.ifPresent(
        end -> root.putObject("decay").put("start", end.start()).put("steps", end.steps()));
    try {
      folder.write(
          folder.run(), MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(RunInputs inputs, ObjectNode object) {
    inputs.images().forEach(object.putArray("images")::add);
    if (!inputs.validation().isEmpty()) {
      inputs.validation().forEach(object.putArray("validation")::add);
    }
  }
}

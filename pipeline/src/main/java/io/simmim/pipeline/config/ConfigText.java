package io.simmim.pipeline.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.operator.ConfigurationIdentity;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** A configuration as text: for people, without secrets, and flat for comparisons. */
public final class ConfigText {
  static final String REDACTED = "******";

  /** All there is to tell by in keys that anyone may have defined. */
  private static final Pattern SECRET_KEY =
      Pattern.compile(
          "secret|password|passwd|token|credential|(access|private|account|api|service|encryption|keystore)[-.]?key"
              + "|sasl|jaas|[-.]sas[-.]|auth-params|basic-auth|http-headers",
          Pattern.CASE_INSENSITIVE);

  /** user:password@ in a URI; what Azure writes there is the name of a container. */
  private static final Pattern USER_INFO =
      Pattern.compile("(?<![\\w+.-])(?!abfss?:|wasbs?:)([\\w+.-]+://)[^/\\s]+@");

  private static final String FINETUNE = "finetune";

  /**
   * What the training sequence and the model depend on. Everything else may change when a run is
   * resumed.
   */
  private static final List<String> IDENTITY =
      List.of(
          "seed",
          "data.shuffle",
          "image",
          "mask",
          "objective",
          "encoder",
          "head",
          "target",
          "loss",
          "optimizer",
          "schedule",
          "training.epochs",
          "training.micro-batch",
          "training.accumulation",
          "training.precision",
          FINETUNE);

  /** Not told where they have their defaults, so that a run is named as before there were any. */
  private static final List<String> UNLESS_DEFAULT =
      List.of("image.mean", "image.std", "encoder.pretrained-window-sizes");

  /** The keys of an identity that only continuous runs have begin so. */
  private static final String CONTINUOUS = "continuous.";

  private ConfigText() {}

  /** YAML of all keys, secrets redacted. */
  public static String yaml(SimmimConfig config) {
    return Yaml.write(redacted(config));
  }

  /** The same with other inputs. */
  public static String yaml(SimmimConfig config, List<String> input) {
    ObjectNode tree = redacted(config);
    input.forEach(((ObjectNode) tree.get("data")).putArray("input")::add);
    return Yaml.write(tree);
  }

  /** All values by their dotted paths, secrets redacted. */
  public static Map<String, String> flat(SimmimConfig config) {
    return flat(redacted(config));
  }

  /**
   * What a resumed run must share with the run it continues. Includes the chunk size, which numbers
   * the chunks, and a mask file by its content. The content of {@code init-from} is not among it.
   */
  public static ConfigurationIdentity identity(SimmimConfig config) {
    Map<String, String> values = identityValues(config);
    Map<String, String> defaults = identityValues(ConfigLoader.defaultsOf(config));
    for (String key : UNLESS_DEFAULT) {
      String byDefault = defaults.remove(key);
      values.remove(key, byDefault);
    }
    return new ConfigurationIdentity(values, defaults);
  }

  private static Map<String, String> identityValues(SimmimConfig config) {
    Map<String, String> identity = new TreeMap<>();
    flat(ConfigBinder.unbind(config))
        .forEach(
            (path, value) -> {
              if (IDENTITY.stream()
                  .anyMatch(key -> path.equals(key) || path.startsWith(key + "."))) {
                identity.put(path, value);
              }
            });
    if (config.continuous().isOn()) {
      identity.remove("training.epochs"); // there is no number of them
      identity.remove("data.shuffle");
      identity.put(CONTINUOUS + "replay-share", Double.toString(config.continuous().replayShare()));
      identity.put(CONTINUOUS + "epoch-steps", Integer.toString(config.continuous().epochSteps()));
    }
    if (config.finetune().isOn()) {
      identity.remove(FINETUNE + ".validation"); // what was found there counts
      identity.remove(FINETUNE + ".tables");
    } else {
      identity.keySet().removeIf(key -> key.startsWith(FINETUNE + "."));
    }
    identity.remove("target.cluster-file"); // its colours count, wherever they are
    identity.put("init-from", "null"); // who has read the file says what is in it
    identity.put("training.chunk-images", Integer.toString(config.chunkImages()));
    if (config.finetune().isOn()) {
      return identity;
    }
    config
        .mask()
        .fileDigest(config.image().size())
        .ifPresent(digest -> identity.put("mask.file", "sha256:" + digest));
    return identity;
  }

  private static Map<String, String> flat(ObjectNode tree) {
    Map<String, String> flat = new TreeMap<>();
    Layers.leaves("", tree, (path, value) -> flat.put(path, Layers.text(value)));
    return flat;
  }

  /** Whether a key of somebody else's looks like one of a secret. */
  static boolean looksSecret(String key) {
    return SECRET_KEY.matcher(key).find();
  }

  /** The open groups say which of their keys are secrets; of our own keys none is. */
  private static ObjectNode redacted(SimmimConfig config) {
    ObjectNode tree = ConfigBinder.unbind(config);
    redact((ObjectNode) tree.get("flink"), FlinkOptions::isSecret);
    redact((ObjectNode) tree.get("kafka"), KafkaOptions::isSecret);
    redactUserInfo(tree);
    return tree;
  }

  private static void redact(ObjectNode group, Predicate<String> secret) {
    for (Map.Entry<String, JsonNode> entry : group.properties()) {
      if (secret.test(entry.getKey())) {
        entry.setValue(group.textNode(REDACTED));
      }
    }
  }

  private static void redactUserInfo(ObjectNode tree) {
    for (Map.Entry<String, JsonNode> entry : tree.properties()) {
      JsonNode value = entry.getValue();
      if (value instanceof ObjectNode inner) {
        redactUserInfo(inner);
      } else if (value.isTextual()) {
        entry.setValue(tree.textNode(withoutUserInfo(value.textValue())));
      } else if (value.isArray()) {
        var list = tree.arrayNode();
        value.forEach(
            item ->
                list.add(
                    item.isTextual() ? tree.textNode(withoutUserInfo(item.textValue())) : item));
        entry.setValue(list);
      }
    }
  }

  private static String withoutUserInfo(String text) {
    return USER_INFO.matcher(text).replaceAll("$1" + REDACTED + "@");
  }
}

package io.simmim.pipeline.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.simmim.trainer.operator.ConfigurationIdentity;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** A configuration as text: for people, without secrets, and flat for comparisons. */
public final class ConfigText {
  static final String REDACTED = "******";

  private static final Pattern SECRET_KEY =
      Pattern.compile(
          "secret|password|passwd|token|credential|(access|private|account|api|service|encryption|keystore)[-.]?key"
              + "|sasl|jaas|[-.]sas[-.]|auth-params|basic-auth|http-headers",
          Pattern.CASE_INSENSITIVE);

  /** user:password@ in a URI; what Azure writes there is the name of a container. */
  private static final Pattern USER_INFO =
      Pattern.compile("(?<![\\w+.-])(?!abfss?:|wasbs?:)([\\w+.-]+://)[^/@\\s]+@");

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
          "training.precision");

  /** The keys of an identity that only continuous runs have begin so. */
  private static final String CONTINUOUS = "continuous.";

  private ConfigText() {}

  /** YAML of all keys, secrets redacted. */
  public static String yaml(SimmimConfig config) {
    ObjectNode tree = ConfigBinder.unbind(config);
    redact("", tree);
    return Yaml.write(tree);
  }

  /** All values by their dotted paths, secrets redacted. */
  public static Map<String, String> flat(SimmimConfig config) {
    ObjectNode tree = ConfigBinder.unbind(config);
    redact("", tree);
    return flat(tree);
  }

  /**
   * What a resumed run must share with the run it continues. Includes the chunk size, which numbers
   * the chunks, and a mask file by its content.
   */
  public static ConfigurationIdentity identity(SimmimConfig config) {
    return new ConfigurationIdentity(
        identityValues(config), identityValues(ConfigLoader.defaultsOf(config.continuous())));
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
    identity.remove("target.cluster-file"); // its colours count, wherever they are
    identity.put("training.chunk-images", Integer.toString(config.chunkImages()));
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

  static boolean isSecret(String key) {
    return SECRET_KEY.matcher(key).find();
  }

  private static void redact(String prefix, ObjectNode tree) {
    for (Map.Entry<String, JsonNode> entry : tree.properties()) {
      String path = prefix + entry.getKey();
      JsonNode value = entry.getValue();
      if (value instanceof ObjectNode inner) {
        redact(path + ".", inner);
      } else if (isSecret(path)) {
        entry.setValue(tree.textNode(REDACTED));
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

package io.simmim.pipeline.cli.common;

import io.simmim.pipeline.config.ConfigLoader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the docs explain what a user's mistake is about. Known by what the message names: an option
 * or a situation, else a configuration key, else by the command that was asked for.
 */
public final class Guide {
  private static final String KEYS = "docs/configuration.md#keys";
  private static final String INPUT = "docs/configuration.md#what-is-taken-from-an-input";
  private static final String ARRIVING = "docs/configuration.md#images-that-keep-arriving";
  private static final String RESUME =
      "docs/configuration.md#what-may-change-when-a-run-is-resumed";
  private static final String STORAGE = "docs/configuration.md#object-storage";
  private static final String GPU = "docs/gpu.md#one-command";
  private static final String KUBERNETES = "k8s/README.md#memory-cores-and-slots";

  /** Looked for in this order. */
  private static final List<Topic> TOPICS =
      List.of(
          topic("(?i)\\bsqs", "docs/configuration.md#sqs"),
          topic("(?i)\\bkafka", "docs/configuration.md#kafka"),
          topic("--(follow|events|when-idle|decay-steps)\\b|\\bcontinuous\\b", ARRIVING),
          topic(
              "--init-from|\\binit-from\\b|the weights in |, as +says: ",
              "docs/continue.md#what-must-fit"),
          topic("\\bs3a?\\b|\\bgs://|\\babfs|plugin|file system for|credentials", STORAGE),
          topic("(?i)\\bgpu\\d*\\b|\\bcuda\\b|--device", GPU),
          topic("--resume|another configuration", RESUME),
          topic("another run|--force|lease", "docs/design.md#one-run-for-an-output"),
          topic("no exported model", "docs/exports.md#what-becomes-what"),
          topic("\\bpreset\\b", "docs/recipes.md"),
          topic(
              "--input|(?<!-)\\binput\\b|\\bshard\\b|\\bdata set\\b|^no (usable )?image\\b",
              INPUT));

  private static final Map<String, String> GROUPS =
      Map.of(
          "continuous", ARRIVING,
          "resources", "docs/configuration.md#machines-of-two-kinds",
          "finetune", "docs/finetune.md#what-is-done",
          "mlflow", "docs/mlflow.md",
          "flink", "docs/configuration.md#flinks-own-settings");

  private static final Map<String, String> COMMANDS =
      Map.ofEntries(
          Map.entry("analyze", "docs/evaluation.md#attention"),
          Map.entry("embed", "docs/embed.md"),
          Map.entry("estimate", "docs/estimate.md"),
          Map.entry("export", "docs/exports.md#what-becomes-what"),
          Map.entry("finetune", "docs/finetune.md#images"),
          Map.entry("gpu", GPU),
          Map.entry("k8s", KUBERNETES),
          Map.entry("knn", "docs/evaluation.md#nearest-neighbours"),
          Map.entry("probe", "docs/evaluation.md#linear-probe"),
          Map.entry("reconstruct", "docs/evaluation.md#pictures"),
          Map.entry("report", "docs/report.md"),
          Map.entry("rescale", "k8s/README.md#as-many-decoders-as-the-trainer-needs"),
          Map.entry("show", "docs/show.md"));

  private static final Pattern KEY = Pattern.compile("\\b([a-z]+)\\.[a-z][a-z0-9-]*\\b");

  /** Local paths, which may be named as anything, and what would have been allowed. */
  private static final Pattern BESIDES =
      Pattern.compile("(?<!\\S)(?!\\S*://)\\S*/\\S*|\\((allowed|nearest): .*");

  private Guide() {}

  private record Topic(Pattern words, String section) {}

  private static Topic topic(String words, String section) {
    return new Topic(Pattern.compile(words), section);
  }

  /**
   * The section that explains a mistake, if there is one: a file of the source tree, with an
   * anchor.
   *
   * @param command as the user wrote it
   * @param message what is wrong
   */
  public static Optional<String> section(String command, String message) {
    String told = BESIDES.matcher(message).replaceAll("");
    for (Topic topic : TOPICS) {
      if (topic.words().matcher(told).find()) {
        return Optional.of(topic.section());
      }
    }
    Set<String> groups = ConfigLoader.groups();
    for (Matcher key = KEY.matcher(told); key.find(); ) {
      if (groups.contains(key.group(1))) {
        return Optional.of(GROUPS.getOrDefault(key.group(1), KEYS));
      }
    }
    return Optional.ofNullable(COMMANDS.get(command));
  }

  /** All sections that it may name. */
  static Set<String> sections() {
    Set<String> sections = new TreeSet<>(COMMANDS.values());
    sections.addAll(GROUPS.values());
    TOPICS.forEach(topic -> sections.add(topic.section()));
    sections.add(KEYS);
    return sections;
  }
}

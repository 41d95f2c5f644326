package io.simmim.pipeline.report.config;

import io.simmim.pipeline.config.ConfigLoader;
import io.simmim.pipeline.config.ConfigText;
import io.simmim.pipeline.config.Presets;
import io.simmim.pipeline.config.SimmimConfig;
import io.simmim.schemas.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A configuration beside those that ship with this build. A run does not write down which preset it
 * was started with, so it is compared with the nearest one.
 *
 * @param preset name of the preset that differs in the fewest keys, the first of equals; nothing if
 *     the defaults differ in fewer
 * @param keys all there are, in the order of their names
 */
public record ComparedConfig(Optional<String> preset, List<Key> keys) {
  /** They say where something is, and differ in each run. */
  private static final List<String> PLACES =
      List.of("data.input", "output", "init-from", "finetune.validation", "parallelism");

  private static final int MOST_KNOWN = 64;
  private static final Map<SimmimConfig, ComparedConfig> KNOWN = new ConcurrentHashMap<>();

  public ComparedConfig {
    keys = List.copyOf(keys);
  }

  /**
   * One key.
   *
   * @param path dotted
   * @param value of the configuration; secrets are redacted
   * @param ofPreset value that the nearest preset leads to; that of the defaults if there is none
   * @param ofDefaults value if nothing is set
   */
  public record Key(String path, String value, String ofPreset, String ofDefaults) {
    /** Whether the user has chosen it, as far as that can be told. */
    public boolean differsFromPreset() {
      return !value.equals(ofPreset);
    }

    /** Whether it is not what it would be if nothing were set. */
    public boolean differsFromDefaults() {
      return !value.equals(ofDefaults);
    }
  }

  /** Compares a configuration. A page that is renewed asks for the same one again and again. */
  public static ComparedConfig of(SimmimConfig config) {
    if (KNOWN.size() >= MOST_KNOWN) {
      KNOWN.clear();
    }
    return KNOWN.computeIfAbsent(config, ComparedConfig::compared);
  }

  private static ComparedConfig compared(SimmimConfig config) {
    Map<String, String> values = ConfigText.flat(config);
    Map<String, String> defaults = ConfigText.flat(ConfigLoader.defaultsOf(config));
    Map<String, String> nearest = defaults;
    Optional<String> preset = Optional.empty();
    long fewest = differences(values, defaults);
    for (String name : Presets.names()) {
      Optional<Map<String, String>> candidate = preset(config, name);
      long differences = candidate.map(it -> differences(values, it)).orElse(Long.MAX_VALUE);
      if (differences < fewest) {
        fewest = differences;
        nearest = candidate.get();
        preset = Optional.of(name);
      }
    }
    List<Key> keys = new ArrayList<>();
    for (Map.Entry<String, String> entry : values.entrySet()) {
      String path = entry.getKey();
      keys.add(
          new Key(
              path,
              entry.getValue(),
              nearest.getOrDefault(path, ""),
              defaults.getOrDefault(path, "")));
    }
    return new ComparedConfig(preset, keys);
  }

  /** Nothing if a run of that kind cannot have the preset. */
  private static Optional<Map<String, String>> preset(SimmimConfig kind, String name) {
    try {
      return Optional.of(ConfigText.flat(ConfigLoader.presetOf(kind, name)));
    } catch (UserError e) {
      return Optional.empty();
    }
  }

  private static long differences(Map<String, String> values, Map<String, String> others) {
    return values.entrySet().stream()
        .filter(entry -> !PLACES.contains(entry.getKey()))
        .filter(entry -> !entry.getValue().equals(others.get(entry.getKey())))
        .count();
  }
}

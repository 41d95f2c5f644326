package io.simmim.trainer.operator;

import io.simmim.schemas.UserError;
import io.simmim.schemas.text.PrintableText;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The configuration values that a run cannot change without becoming another run: those of model,
 * optimizer, schedule, batches, augmentation and seed. A checkpoint keeps them, and is continued
 * only under the same.
 *
 * <p>Builds differ in the keys that they know. A new key's default is what builds before it did, so
 * one rule serves both ways: where a key is missing, it has the default that the other side knows.
 *
 * @param values full key, such as {@code encoder.depth}, to value; kept sorted by key
 * @param defaults full key to the value that it has unless it is set; kept sorted by key
 */
public record ConfigurationIdentity(Map<String, String> values, Map<String, String> defaults)
    implements Serializable {
  public ConfigurationIdentity {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    defaults = Collections.unmodifiableSortedMap(new TreeMap<>(defaults));
  }

  /** The same with one more value, which has no default. */
  public ConfigurationIdentity with(String key, String value) {
    TreeMap<String, String> more = new TreeMap<>(values);
    more.put(key, value);
    return new ConfigurationIdentity(more, defaults);
  }

  /** One line for each key whose value differs, such as {@code encoder.depth: 12 in …, 6 now}. */
  public List<String> differencesFrom(ConfigurationIdentity checkpoint) {
    TreeSet<String> keys = new TreeSet<>(values.keySet());
    keys.addAll(checkpoint.values.keySet());
    List<String> differences = new ArrayList<>();
    for (String key : keys) {
      String before = checkpoint.values.getOrDefault(key, defaults.get(key));
      String now = values.getOrDefault(key, checkpoint.defaults.get(key));
      if (before == null) {
        differences.add("%s: not in the checkpoint, %s now".formatted(key, now));
      } else if (now == null) {
        differences.add("%s: %s in the checkpoint, none now".formatted(key, before));
      } else if (!same(before, now)) {
        differences.add("%s: %s in the checkpoint, %s now".formatted(key, before, now));
      }
    }
    return differences;
  }

  /** A key of whole numbers may take others one day: 10 is 10.0. */
  private static boolean same(String before, String now) {
    if (before.equals(now)) {
      return true;
    }
    try {
      return new BigDecimal(before).compareTo(new BigDecimal(now)) == 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /**
   * Refuses to continue a checkpoint of another configuration.
   *
   * @throws UserError that lists all differing keys with both values
   */
  public void requireSameAs(ConfigurationIdentity checkpoint) {
    List<String> differences = differencesFrom(checkpoint);
    if (!differences.isEmpty()) {
      throw new UserError(
          "model or optimizer configuration differs from the checkpoint: "
              + PrintableText.of(String.join("; ", differences)));
    }
  }
}

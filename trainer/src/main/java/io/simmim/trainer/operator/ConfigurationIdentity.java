package io.simmim.trainer.operator;

import io.simmim.schemas.UserError;
import java.io.Serializable;
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
 * @param values full key, such as {@code encoder.depth}, to value; kept sorted by key
 */
public record ConfigurationIdentity(Map<String, String> values) implements Serializable {
  public ConfigurationIdentity {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
  }

  /** One line for each key whose value differs, such as {@code encoder.depth: 12 in …, 6 now}. */
  public List<String> differencesFrom(ConfigurationIdentity checkpoint) {
    TreeSet<String> keys = new TreeSet<>(values.keySet());
    keys.addAll(checkpoint.values.keySet());
    List<String> differences = new ArrayList<>();
    for (String key : keys) {
      String before = checkpoint.values.get(key);
      String now = values.get(key);
      if (before == null) {
        differences.add("%s: not in the checkpoint, %s now".formatted(key, now));
      } else if (now == null) {
        differences.add("%s: %s in the checkpoint, none now".formatted(key, before));
      } else if (!before.equals(now)) {
        differences.add("%s: %s in the checkpoint, %s now".formatted(key, before, now));
      }
    }
    return differences;
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
              + String.join("; ", differences));
    }
  }
}

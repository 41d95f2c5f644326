package io.simmim.pipeline.config.watch;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * Measurements of the features, while the model is trained.
 *
 * @param everyEpochs epochs between two; 0 = none
 * @param input images with classes among which neighbours are looked for; empty = none are
 * @param validation images with classes that are classified
 * @param rankImages images whose features have a rank
 * @param probeEpochs passes of linear classifiers over the features of the input; 0 = none are
 *     trained
 */
public record EvalConfig(
    int everyEpochs, List<String> input, List<String> validation, int rankImages, int probeEpochs) {
  private static final int MOST_RANK_IMAGES = 10_000;
  private static final int MOST_PROBE_EPOCHS = 1000;

  public EvalConfig {
    input = List.copyOf(input);
    validation = List.copyOf(validation);
    if (everyEpochs < 0) {
      throw new IllegalArgumentException("eval.every-epochs must be at least 0: " + everyEpochs);
    }
    if (rankImages < 2 || rankImages > MOST_RANK_IMAGES) {
      throw new IllegalArgumentException(
          "eval.rank-images must be from 2 to %d: %d".formatted(MOST_RANK_IMAGES, rankImages));
    }
    requireUris("eval.input", input);
    requireUris("eval.validation", validation);
    if (input.isEmpty() != validation.isEmpty()) {
      throw new IllegalArgumentException(
          "eval.input and eval.validation must both be given or none; missing: "
              + (input.isEmpty() ? "eval.input" : "eval.validation"));
    }
    if (probeEpochs < 0 || probeEpochs > MOST_PROBE_EPOCHS) {
      throw new IllegalArgumentException(
          "eval.probe-epochs must be from 0 to %d: %d".formatted(MOST_PROBE_EPOCHS, probeEpochs));
    }
    if (probeEpochs > 0 && input.isEmpty()) {
      throw new IllegalArgumentException(
          "eval.probe-epochs needs images with classes: eval.input and eval.validation must be given");
    }
  }

  static void requireUris(String key, List<String> uris) {
    if (uris.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(key + " must hold URIs that are not empty: " + uris);
    }
  }

  /** Whether there are any. */
  @JsonIgnore
  public boolean isOn() {
    return everyEpochs > 0;
  }
}

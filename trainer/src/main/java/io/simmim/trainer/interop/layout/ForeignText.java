package io.simmim.trainer.interop.layout;

import java.util.Optional;

/**
 * What is said of a model in the files beside its weights.
 *
 * @param config text of the {@code config.json}
 * @param preprocessor text of transformers' {@link #PREPROCESSOR}, if it is there
 */
public record ForeignText(String config, Optional<String> preprocessor) {
  /** Name of the file in which transformers says how images are shown. */
  public static final String PREPROCESSOR = "preprocessor_config.json";

  /** With a {@code config.json} alone. */
  public static ForeignText of(String config) {
    return new ForeignText(config, Optional.empty());
  }
}

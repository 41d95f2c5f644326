package io.simmim.trainer.weights;

import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;

/**
 * A file of weights whose content is known.
 *
 * @param uri on any Flink file system, qualified
 * @param sha256 of its bytes, in lower-case hexadecimal
 */
public record WeightsReference(String uri, String sha256) implements Serializable {
  private static final String ALGORITHM = "sha256:";

  public WeightsReference {
    Objects.requireNonNull(uri, "uri");
    Objects.requireNonNull(sha256, "sha256");
  }

  /** The content, as it is told and compared. */
  public String digest() {
    return ALGORITHM + sha256;
  }

  /** The digits of a {@link #digest}; nothing if the text is none. */
  public static Optional<String> parseDigest(String text) {
    return text != null && text.startsWith(ALGORITHM)
        ? Optional.of(text.substring(ALGORITHM.length()))
        : Optional.empty();
  }
}

package io.simmim.pipeline.run;

import java.util.Objects;

/**
 * What a run onto an existing output begins with.
 *
 * @param choice how the checkpoint is chosen
 * @param path the folder of a checkpoint or savepoint; null unless {@code choice} is {@code PATH}
 */
public record Resume(Choice choice, String path) {
  /** How the checkpoint is chosen. */
  public enum Choice {
    /** The newest one, if there is any. */
    LATEST,
    /** None: what is there is moved aside. */
    NONE,
    /** A given one. */
    PATH
  }

  public Resume {
    Objects.requireNonNull(choice, "choice");
    if ((choice == Choice.PATH) == (path == null)) {
      throw new IllegalArgumentException("a path belongs to the choice PATH: " + path);
    }
  }

  /** The same, but the newest one instead of none. */
  Resume unlessNone() {
    return choice == Choice.NONE ? new Resume(Choice.LATEST, null) : this;
  }

  /** Parses {@code latest}, {@code none} or a path. */
  public static Resume parse(String text) {
    return switch (text) {
      case "latest" -> new Resume(Choice.LATEST, null);
      case "none" -> new Resume(Choice.NONE, null);
      case "" ->
          throw new IllegalArgumentException(
              "--resume must be latest, none, or the folder of a checkpoint or savepoint: ''");
      default -> new Resume(Choice.PATH, text);
    };
  }
}

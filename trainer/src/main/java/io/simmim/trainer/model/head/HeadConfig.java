package io.simmim.trainer.model.head;

import java.io.Serializable;
import java.util.Objects;

/**
 * The prediction head.
 *
 * @param type architecture
 * @param windowSize side of the attention windows of the inverse Swin heads, in their patches
 */
public record HeadConfig(HeadType type, int windowSize) implements Serializable {
  /** The paper's. */
  public static final HeadConfig LINEAR = new HeadConfig(HeadType.LINEAR, 6);

  public HeadConfig {
    Objects.requireNonNull(type, "type");
    if (windowSize < 1) {
      throw new IllegalArgumentException("head.window-size must be at least 1: " + windowSize);
    }
  }
}

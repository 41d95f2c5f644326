package io.simmim.trainer.model.target;

import java.io.Serializable;
import java.util.Objects;

/**
 * What training makes small: the mean over pixels and channels.
 *
 * @param type difference of a predicted value and its target
 * @param area pixels that count
 */
public record LossConfig(LossType type, LossArea area) implements Serializable {
  /** SimMIM's: L1 on masked pixels. */
  public static final LossConfig SIMMIM = new LossConfig(LossType.L1, LossArea.MASKED);

  public LossConfig {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(area, "area");
  }
}

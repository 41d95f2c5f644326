package io.simmim.trainer.model;

import io.simmim.trainer.TensorSpec;
import java.util.Objects;

/**
 * One learnable tensor.
 *
 * @param tensor official name and shape
 * @param initializer how its first values are drawn
 * @param decays whether weight decay applies
 */
public record ParameterSpec(TensorSpec tensor, Initializer initializer, boolean decays) {
  public ParameterSpec {
    Objects.requireNonNull(tensor, "tensor");
    Objects.requireNonNull(initializer, "initializer");
  }

  /** Official name. */
  public String name() {
    return tensor.name();
  }
}

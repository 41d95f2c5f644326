package io.simmim.trainer.model.parameter;

import java.util.Objects;

/**
 * One tensor of a model.
 *
 * @param tensor official name and shape
 * @param initializer how its first values are drawn
 * @param decays whether weight decay applies
 * @param learned whether gradients change it; the others are fixed, or follow from the images
 * @param rounded whether passes take it for nothing but products of matrices, and so in the
 *     precision of those
 */
public record ParameterSpec(
    TensorSpec tensor, Initializer initializer, boolean decays, boolean learned, boolean rounded) {
  public ParameterSpec {
    Objects.requireNonNull(tensor, "tensor");
    Objects.requireNonNull(initializer, "initializer");
  }

  /** Official name. */
  public String name() {
    return tensor.name();
  }
}

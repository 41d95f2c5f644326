package io.simmim.trainer;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/**
 * Name and shape of one fp32 tensor of the training state.
 *
 * @param name {@code param/…}, {@code exp_avg/…}, {@code exp_avg_sq/…} or {@code grad/…}, followed
 *     by the official parameter name; or {@code optimizer/step}
 * @param shape sizes of the dimensions, empty for a scalar
 */
public record TensorSpec(String name, List<Long> shape) implements Serializable {
  public TensorSpec {
    Objects.requireNonNull(name, "name");
    shape = List.copyOf(shape);
  }

  /** Number of elements. */
  public long elements() {
    long product = 1;
    for (long size : shape) {
      product = Math.multiplyExact(product, size);
    }
    return product;
  }

  /** Size of the values in bytes. */
  public long bytes() {
    return Math.multiplyExact(elements(), (long) Float.BYTES);
  }
}

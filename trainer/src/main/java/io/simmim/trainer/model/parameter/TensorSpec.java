package io.simmim.trainer.model.parameter;

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
  /** More than any model's tensors have. */
  private static final int MOST_DIMENSIONS = 16;

  public TensorSpec {
    Objects.requireNonNull(name, "name");
    shape = List.copyOf(shape);
    if (shape.size() > MOST_DIMENSIONS) {
      throw new IllegalArgumentException(
          "the shape of %s must have at most %d dimensions: %d"
              .formatted(name, MOST_DIMENSIONS, shape.size()));
    }
    if (shape.stream().anyMatch(size -> size < 0) || bytes(shape) < 0) {
      throw new IllegalArgumentException(
          "the shape of %s must have sizes of at least 0 and fewer than 2^61 values: %s"
              .formatted(name, shape));
    }
  }

  /** Size of the values of a shape in bytes; negative if it is beyond all limits. */
  private static long bytes(List<Long> shape) {
    try {
      long product = Float.BYTES;
      for (long size : shape) {
        product = Math.multiplyExact(product, size);
      }
      return product;
    } catch (ArithmeticException e) {
      return -1;
    }
  }

  /** Number of elements. */
  public long elements() {
    return bytes() / Float.BYTES;
  }

  /** Size of the values in bytes. */
  public long bytes() {
    return bytes(shape);
  }
}

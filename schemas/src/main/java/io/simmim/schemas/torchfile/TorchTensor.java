package io.simmim.schemas.torchfile;

import io.simmim.schemas.safetensors.Dtype;
import java.util.List;

/**
 * A view of a storage.
 *
 * @param dtype type of the values
 * @param storage key of the storage
 * @param offset first value, counted in values from the beginning of the storage
 * @param shape sizes of the dimensions, empty for a scalar
 * @param strides distance in values of neighbours in each dimension
 */
public record TorchTensor(
    Dtype dtype, String storage, long offset, List<Long> shape, List<Long> strides) {
  public TorchTensor {
    shape = List.copyOf(shape);
    strides = List.copyOf(strides);
  }

  /** Number of values. */
  public long elements() {
    return shape.stream().reduce(1L, (a, b) -> a * b);
  }

  /** Whether the values lie one behind the other in row-major order. */
  public boolean isContiguous() {
    long expected = 1;
    for (int i = shape.size() - 1; i >= 0; i--) {
      if (shape.get(i) != 1 && strides.get(i) != expected) {
        return false;
      }
      expected *= shape.get(i);
    }
    return true;
  }

  /** Where a value lies in the storage, counted in values. */
  long place(long index) {
    long rest = index;
    long place = offset;
    for (int i = shape.size() - 1; i >= 0; i--) {
      place += rest % shape.get(i) * strides.get(i);
      rest /= shape.get(i);
    }
    return place;
  }
}

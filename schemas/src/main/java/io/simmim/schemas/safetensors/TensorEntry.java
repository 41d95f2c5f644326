package io.simmim.schemas.safetensors;

import java.util.List;
import java.util.Objects;

/**
 * One tensor of a safetensors file.
 *
 * @param name unique in the file
 * @param dtype element type, stored little-endian
 * @param shape dimensions, row-major; empty for a scalar
 * @param offset first byte, counted from the beginning of the data that follows the header
 * @param byteCount elements × element size
 */
public record TensorEntry(String name, Dtype dtype, List<Long> shape, long offset, long byteCount) {
  public TensorEntry {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(dtype, "dtype");
    shape = List.copyOf(shape);
  }

  public long elements() {
    return byteCount / dtype.bytes();
  }

  /** Dimension {@code axis}, which must fit an int. */
  public int size(int axis) {
    return Math.toIntExact(shape.get(axis));
  }
}

package io.simmim.trainer.export;

import io.simmim.schemas.safetensors.Dtype;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor in memory, to be written.
 *
 * @param entry what it is
 * @param values little-endian, in row-major order
 */
public record HeldTensor(Entry entry, byte[] values) {
  /**
   * What the header of a file says of a tensor.
   *
   * @param name unique in the file
   */
  record Entry(String name, Dtype dtype, List<Long> shape) {
    long bytes() {
      return shape.stream().reduce((long) dtype.bytes(), Math::multiplyExact);
    }
  }

  public HeldTensor {
    if (values.length != entry.bytes()) {
      throw new IllegalArgumentException(
          "%s of shape %s must have %d bytes: %d"
              .formatted(entry.name(), entry.shape(), entry.bytes(), values.length));
    }
  }

  /** Values of fp32. */
  public static HeldTensor floats(String name, float[] values, long... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return new HeldTensor(new Entry(name, Dtype.F32, boxed(shape)), bytes.array());
  }

  /** Values of uint8. */
  public static HeldTensor bytes(String name, byte[] values, long... shape) {
    return new HeldTensor(new Entry(name, Dtype.U8, boxed(shape)), values);
  }

  /** A whole number, int64. */
  public static HeldTensor integer(String name, long value) {
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    return new HeldTensor(new Entry(name, Dtype.I64, List.of()), bytes.putLong(value).array());
  }

  private static List<Long> boxed(long... shape) {
    return Arrays.stream(shape).boxed().toList();
  }
}

package io.simmim.trainer.device;

import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Tensors one behind the other in one buffer, so that they reach a device by one copy. */
final class PackedInputs {
  /** What libtorch's own tensors begin at multiples of. */
  private static final int ALIGNMENT = 64;

  private static final int MOST_DIMENSIONS = 4;

  private record Part(int begin, int end, Consumer<ByteBuffer> writer) {}

  private final List<Part> parts = new ArrayList<>();
  private final List<Long> places = new ArrayList<>();
  private int bytes;
  private int longs;

  /**
   * Adds a tensor; whole numbers come before all others.
   *
   * @param writer puts its values from the position of a buffer on, in the machine's byte order
   * @param shape at most four sizes
   * @throws io.simmim.schemas.UserError if all together have more than 2 GiB
   */
  PackedInputs add(DataType type, Consumer<ByteBuffer> writer, long... shape) {
    long size = type.getNumOfBytes();
    for (long length : shape) {
      size = Math.multiplyExact(size, length);
    }
    long aligned = (long) bytes + (ALIGNMENT - bytes % ALIGNMENT) % ALIGNMENT;
    MicroBatch.requireRoom(aligned + size);
    int begin = (int) aligned;
    int end = (int) (aligned + size);
    if (type == DataType.INT64) {
      if (longs < bytes) {
        throw new IllegalStateException("whole numbers come before all others");
      }
      longs = end;
    }
    parts.add(new Part(begin, end, writer));
    bytes = end;
    places.add((long) begin);
    places.add((long) end);
    places.add(code(type));
    places.add((long) shape.length);
    for (int i = 0; i < MOST_DIMENSIONS; i++) {
      places.add(i < shape.length ? shape[i] : 0L);
    }
    return this;
  }

  /** Adds a tensor of one dimension. */
  PackedInputs add(long[] values) {
    return add(DataType.INT64, into -> into.asLongBuffer().put(values), values.length);
  }

  /** The number by which libtorch names a type. */
  private static long code(DataType type) {
    return switch (type) {
      case UINT8 -> 0;
      case INT64 -> 4;
      case FLOAT32 -> 6;
      default -> throw new IllegalArgumentException("no input has the type " + type);
    };
  }

  /** Length of the buffer. */
  int bytes() {
    return bytes;
  }

  /** Length of its part of whole numbers. */
  int longs() {
    return longs;
  }

  /** What {@code unpack} is told: of each tensor begin, end, type, dimensions, and four sizes. */
  long[] places() {
    return places.stream().mapToLong(Long::longValue).toArray();
  }

  /** Writes all tensors. */
  void write(ByteBuffer into) {
    for (Part part : parts) {
      ByteBuffer slice = into.slice(part.begin(), part.end() - part.begin());
      part.writer().accept(slice.order(ByteOrder.nativeOrder()));
    }
  }
}

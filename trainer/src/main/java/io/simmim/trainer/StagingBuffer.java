package io.simmim.trainer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/** Direct memory through which inputs reach the device; grows to the largest input and is kept. */
final class StagingBuffer {
  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);

  /**
   * A tensor with the bytes that the writer puts. On the CPU it shares this buffer, so it is valid
   * until the next call.
   */
  NDArray array(NDManager manager, Shape shape, DataType type, Consumer<ByteBuffer> writer) {
    int bytes = Math.toIntExact(shape.size() * type.getNumOfBytes());
    if (buffer.capacity() < bytes) {
      buffer = ByteBuffer.allocateDirect(bytes);
    }
    ByteBuffer view = buffer.duplicate().order(ByteOrder.nativeOrder());
    view.clear().limit(bytes);
    writer.accept(view.slice().order(ByteOrder.nativeOrder()));
    return manager.create(view, shape, type);
  }
}

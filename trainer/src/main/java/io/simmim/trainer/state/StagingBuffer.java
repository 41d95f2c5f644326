package io.simmim.trainer.state;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * Memory through which inputs reach the device; grows to the largest input and is kept. It is
 * libtorch's memory, not Java's direct memory, which clusters keep small.
 */
public final class StagingBuffer {
  private final NDManager host;
  private NDArray memory;

  /**
   * @param host manager of the CPU, which the memory belongs to
   */
  public StagingBuffer(NDManager host) {
    this.host = host;
    this.memory = host.create(new Shape(0), DataType.UINT8);
  }

  /**
   * A tensor with the bytes that the writer puts. On the CPU it shares this buffer, so it is valid
   * until the next call.
   */
  public NDArray array(NDManager manager, Shape shape, DataType type, Consumer<ByteBuffer> writer) {
    long bytes = shape.size() * type.getNumOfBytes();
    if (memory.size() < bytes) {
      memory.close();
      memory = host.create(new Shape(bytes), DataType.UINT8);
    }
    ByteBuffer view = memory.toByteBuffer(true).order(ByteOrder.nativeOrder());
    view.limit(Math.toIntExact(bytes));
    writer.accept(view.slice().order(ByteOrder.nativeOrder()));
    return manager.create(view, shape, type);
  }
}

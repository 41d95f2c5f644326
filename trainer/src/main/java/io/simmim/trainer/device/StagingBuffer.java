package io.simmim.trainer.device;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.simmim.trainer.torch.Arguments;
import io.simmim.trainer.torch.TorchModule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * Memory of the host through which inputs reach the device. On a CPU one buffer, which grows to the
 * largest input and is kept. For a GPU pinned memory of each input's own, which libtorch keeps and
 * gives again. It is never Java's direct memory, which clusters keep small.
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
   * A tensor of bytes that begins with those that the writer puts. On a CPU it is this buffer, so
   * it is valid until the next call.
   *
   * @param step manager of the device, for what only this input needs
   * @param module has {@code pinned}
   */
  NDArray filled(NDManager step, TorchModule module, int bytes, Consumer<ByteBuffer> writer) {
    NDArray filled = memory;
    if (!step.getDevice().equals(Device.cpu())) {
      filled = module.call(step, "pinned", new Arguments().integer(bytes)).head();
    } else if (memory.size() < bytes) {
      memory.close();
      memory = host.create(new Shape(bytes), DataType.UINT8);
      filled = memory;
    }
    writer.accept(filled.toByteBuffer(true).order(ByteOrder.nativeOrder()));
    return filled;
  }
}

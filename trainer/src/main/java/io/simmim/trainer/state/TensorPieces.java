package io.simmim.trainer.state;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.torch.Arguments;
import io.simmim.trainer.torch.TorchModule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Moves the values of fp32 tensors between libtorch and byte buffers in pieces. The host side of a
 * tensor is libtorch's memory, not Java's direct memory, which clusters keep small.
 */
final class TensorPieces {
  private static final int PIECE_ELEMENTS = 1 << 20;

  /** Fills a buffer with the bytes of a tensor from an offset on. */
  @FunctionalInterface
  interface Source {
    void read(long byteOffset, ByteBuffer into) throws IOException;
  }

  private TensorPieces() {}

  static Shape shapeOf(TensorSpec spec) {
    return new Shape(spec.shape());
  }

  /** A new tensor with the values that the source gives. */
  static NDArray create(NDManager manager, TensorSpec spec, Source source) throws IOException {
    Device device = manager.getDevice();
    try (NDManager host = manager.newSubManager(Device.cpu())) {
      NDArray flat = host.zeros(new Shape(spec.elements()));
      long elements = spec.elements();
      for (long start = 0; start < elements; start += PIECE_ELEMENTS) {
        long end = Math.min(elements, start + PIECE_ELEMENTS);
        try (NDManager piece = host.newSubManager()) {
          source.read(start * Float.BYTES, bytes(piece, flat, start, end));
        }
      }
      NDArray result = flat.reshape(shapeOf(spec)).toDevice(device, false);
      result.attach(manager);
      return result;
    }
  }

  /** Gives some elements of a one-dimensional tensor the values of the source. */
  static void fill(TorchModule module, NDArray flat, long first, long elements, Source source)
      throws IOException {
    try (NDManager manager = flat.getManager().newSubManager();
        NDManager host = manager.newSubManager(Device.cpu())) {
      for (long start = 0; start < elements; start += PIECE_ELEMENTS) {
        long length = Math.min(elements - start, PIECE_ELEMENTS);
        NDArray piece = host.zeros(new Shape(length));
        source.read(start * Float.BYTES, piece.toByteBuffer(true).order(ByteOrder.LITTLE_ENDIAN));
        Arguments arguments = new Arguments().tensor(flat).integer(first + start).tensor(piece);
        module.call(manager, "put", arguments);
        piece.close();
      }
    }
  }

  /** Copies bytes of a one-dimensional tensor, from any offset. */
  static void read(NDManager manager, NDArray flat, long byteOffset, ByteBuffer into) {
    long at = byteOffset;
    while (into.hasRemaining()) {
      long start = at / Float.BYTES;
      int skip = (int) (at % Float.BYTES);
      long wanted = ((long) into.remaining() + skip + Float.BYTES - 1) / Float.BYTES;
      long end = start + Math.min(wanted, PIECE_ELEMENTS);
      try (NDManager piece = manager.newSubManager()) {
        ByteBuffer bytes = bytes(piece, flat, start, end).position(skip);
        if (bytes.remaining() > into.remaining()) {
          bytes.limit(skip + into.remaining());
        }
        at += bytes.remaining();
        into.put(bytes);
      }
    }
  }

  /** On the host a view of the elements, from a GPU a copy; valid while the manager is open. */
  private static ByteBuffer bytes(NDManager manager, NDArray flat, long start, long end) {
    NDArray view = flat.get(new NDIndex().addSliceDim(start, end));
    view.attach(manager);
    NDArray host = view.toDevice(Device.cpu(), false);
    host.attach(manager);
    return host.toByteBuffer(true).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Size of all values. */
  static long bytes(List<TensorSpec> tensors) {
    return tensors.stream().mapToLong(TensorSpec::bytes).sum();
  }

  static TensorSpec scalar(String name) {
    return new TensorSpec(name, List.of());
  }
}

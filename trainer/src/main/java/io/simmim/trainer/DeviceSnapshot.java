package io.simmim.trainer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Copies of some tensors, owned by this object and independent of the model. */
final class DeviceSnapshot implements StateSnapshot {
  private final NDManager manager;
  private final List<TensorSpec> tensors;
  private final List<NDArray> copies = new ArrayList<>();
  private boolean closed;

  /**
   * Copies the arrays on their device.
   *
   * @param manager closed with the snapshot
   */
  DeviceSnapshot(NDManager manager, List<TensorSpec> tensors, NDList arrays) {
    this.manager = manager;
    this.tensors = List.copyOf(tensors);
    for (int i = 0; i < tensors.size(); i++) {
      try (NDArray copy = arrays.get(i).duplicate().stopGradient()) {
        NDArray flat = copy.flatten();
        flat.attach(manager);
        copies.add(flat);
      }
    }
  }

  @Override
  public List<TensorSpec> tensors() {
    return tensors;
  }

  @Override
  public synchronized void read(int tensor, long byteOffset, ByteBuffer into) {
    if (closed) {
      throw new IllegalStateException("the snapshot is closed");
    }
    TensorSpec spec = tensors.get(tensor);
    if (byteOffset < 0 || byteOffset > spec.bytes() - into.remaining()) {
      throw new IllegalArgumentException(
          "%s has %d bytes; cannot read %d from byte %d"
              .formatted(spec.name(), spec.bytes(), into.remaining(), byteOffset));
    }
    TensorPieces.read(manager, copies.get(tensor), byteOffset, into);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      manager.close();
    }
  }
}

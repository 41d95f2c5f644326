package io.simmim.trainer.state;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.torch.TensorMemory;
import io.simmim.trainer.torch.TorchModule;
import io.simmim.trainer.torch.TorchScriptSource;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** Copies of some tensors, owned by this object and independent of the model. */
public final class DeviceSnapshot implements StateSnapshot {
  private final NDManager manager;
  private final List<TensorSpec> tensors;
  private final NDList copies;
  private boolean closed;

  private DeviceSnapshot(NDManager manager, List<TensorSpec> tensors, NDList copies) {
    this.manager = manager;
    this.tensors = List.copyOf(tensors);
    this.copies = copies;
    TensorMemory.add(TensorPieces.bytes(tensors));
  }

  /** Adds the method that {@link #of} calls. */
  public static TorchScriptSource addTo(TorchScriptSource source) {
    return source.add(DeviceSnapshot.class, "snapshot.torchscript", Map.of());
  }

  /**
   * Copies the arrays on their device. Nothing is left behind if the device has no memory for them.
   *
   * @param manager closed with the snapshot
   * @param arrays one for each of the tensors
   */
  public static DeviceSnapshot of(
      NDManager manager, TorchModule module, List<TensorSpec> tensors, NDList arrays) {
    try {
      NDArray owner = manager.create(0f); // the results follow the first argument's manager
      NDList arguments = new NDList(owner);
      for (NDArray array : arrays) {
        array.setName("t[]");
        arguments.add(array);
      }
      return new DeviceSnapshot(manager, tensors, module.call("copies", arguments));
    } catch (RuntimeException | Error e) {
      manager.close();
      throw e;
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
      TensorMemory.add(-TensorPieces.bytes(tensors));
    }
  }
}

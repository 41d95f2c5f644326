package io.simmim.trainer.state;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.torch.Arguments;
import io.simmim.trainer.torch.TensorMemory;
import io.simmim.trainer.torch.TorchModule;
import io.simmim.trainer.torch.TorchScriptSource;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** Copies of some tensors, owned by this object and independent of the model. */
public final class DeviceSnapshot implements StateSnapshot {
  /**
   * A tensor and where it lies.
   *
   * @param vector number of the vector
   * @param first place of its first element in that
   */
  record Place(TensorSpec tensor, int vector, long first) {}

  private final NDManager manager;
  private final List<Place> places;
  private final NDList copies;
  private final long bytes;
  private boolean closed;

  private DeviceSnapshot(NDManager manager, List<Place> places, NDList copies) {
    this.manager = manager;
    this.places = List.copyOf(places);
    this.copies = copies;
    this.bytes = copies.stream().mapToLong(NDArray::size).sum() * Float.BYTES;
    TensorMemory.add(bytes);
  }

  /** Adds the methods that {@link #of} and a {@link ModelState} call. */
  public static TorchScriptSource addTo(TorchScriptSource source) {
    return source.add(DeviceSnapshot.class, "snapshot.torchscript", Map.of());
  }

  /**
   * Copies vectors on their device. Nothing is left behind if the device has no memory for them.
   *
   * @param manager closed with the snapshot
   * @param places the tensors that lie in the vectors
   */
  static DeviceSnapshot of(
      NDManager manager, TorchModule module, List<Place> places, NDList vectors) {
    try {
      NDList copies = module.call(manager, "copies", new Arguments().tensors(vectors));
      return new DeviceSnapshot(manager, places, copies);
    } catch (RuntimeException | Error e) {
      manager.close();
      throw e;
    }
  }

  @Override
  public List<TensorSpec> tensors() {
    return places.stream().map(Place::tensor).toList();
  }

  @Override
  public synchronized void read(int tensor, long byteOffset, ByteBuffer into) {
    if (closed) {
      throw new IllegalStateException("the snapshot is closed");
    }
    Place place = places.get(tensor);
    TensorSpec spec = place.tensor();
    if (byteOffset < 0 || byteOffset > spec.bytes() - into.remaining()) {
      throw new IllegalArgumentException(
          "%s has %d bytes; cannot read %d from byte %d"
              .formatted(spec.name(), spec.bytes(), into.remaining(), byteOffset));
    }
    long first = place.first() * Float.BYTES;
    TensorPieces.read(manager, copies.get(place.vector()), first + byteOffset, into);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      manager.close();
      TensorMemory.add(-bytes);
    }
  }
}

package io.simmim.trainer.interop;

import io.simmim.trainer.interop.names.TensorSource;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.StateReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Tensors in memory, of values that tell them apart. */
final class MemoryTensors implements TensorSource {
  private final Map<String, List<Long>> shapes = new TreeMap<>();
  private final Map<String, byte[]> values = new TreeMap<>();

  static MemoryTensors of(List<TensorSpec> specs) {
    MemoryTensors tensors = new MemoryTensors();
    int next = 1;
    for (TensorSpec spec : specs) {
      ByteBuffer bytes = ByteBuffer.allocate((int) spec.bytes()).order(ByteOrder.LITTLE_ENDIAN);
      while (bytes.hasRemaining()) {
        bytes.putFloat(next++);
      }
      tensors.put(spec.name(), spec.shape(), bytes.array());
    }
    return tensors;
  }

  /** What a state reads as, without {@code param/} before the names. */
  static MemoryTensors of(StateReader state) throws IOException {
    MemoryTensors tensors = new MemoryTensors();
    for (int i = 0; i < state.tensors().size(); i++) {
      TensorSpec spec = state.tensors().get(i);
      ByteBuffer bytes = ByteBuffer.allocate((int) spec.bytes());
      state.read(i, 0, bytes);
      tensors.put(spec.name().substring("param/".length()), spec.shape(), bytes.array());
    }
    return tensors;
  }

  void put(String name, List<Long> shape, byte[] bytes) {
    shapes.put(name, shape);
    values.put(name, bytes);
  }

  void remove(String name) {
    shapes.remove(name);
    values.remove(name);
  }

  byte[] bytes(String name) {
    return values.get(name);
  }

  @Override
  public Set<String> names() {
    return shapes.keySet();
  }

  @Override
  public List<Long> shape(String name) {
    return shapes.get(name);
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer into) {
    into.put(values.get(name), (int) byteOffset, into.remaining());
  }
}

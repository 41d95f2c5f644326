package io.simmim.trainer.interop.names;

import io.simmim.trainer.weights.NamedTensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Named tensors of fp32 values, read piece by piece: little-endian, in row-major order. */
public interface TensorSource {
  /** Names of all tensors. */
  Set<String> names();

  /**
   * Shape of a tensor that is there.
   *
   * @throws IOException if that cannot be told
   */
  List<Long> shape(String name) throws IOException;

  /**
   * Fills the buffer with bytes of a tensor that is there.
   *
   * @param byteOffset first byte, counted from the beginning of the tensor, of a whole value
   * @param into has room for whole values
   */
  void read(String name, long byteOffset, ByteBuffer into) throws IOException;

  /** The same tensors less some. */
  default TensorSource without(Set<String> left) {
    TensorSource all = this;
    Set<String> names = new LinkedHashSet<>(names());
    names.removeAll(left);
    return new TensorSource() {
      @Override
      public Set<String> names() {
        return names;
      }

      @Override
      public List<Long> shape(String name) throws IOException {
        return all.shape(name);
      }

      @Override
      public void read(String name, long byteOffset, ByteBuffer into) throws IOException {
        all.read(name, byteOffset, into);
      }
    };
  }

  /** Tensors of any type as fp32; the caller closes them. */
  static TensorSource of(NamedTensors tensors) {
    return new TensorSource() {
      @Override
      public Set<String> names() {
        return tensors.shapes().keySet();
      }

      @Override
      public List<Long> shape(String name) {
        return tensors.shapes().get(name);
      }

      @Override
      public void read(String name, long byteOffset, ByteBuffer into) throws IOException {
        FloatBuffer values = FloatBuffer.allocate(into.remaining() / Float.BYTES);
        tensors.read(name, byteOffset / Float.BYTES, values);
        into.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values.flip());
        into.position(into.limit());
      }
    };
  }
}

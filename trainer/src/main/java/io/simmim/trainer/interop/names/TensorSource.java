package io.simmim.trainer.interop.names;

import io.simmim.schemas.safetensors.Dtype;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.safetensors.TensorEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
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
   * @throws IOException if its values are not fp32
   */
  List<Long> shape(String name) throws IOException;

  /**
   * Fills the buffer with bytes of a tensor that is there.
   *
   * @param byteOffset first byte, counted from the beginning of the tensor
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

  /** The tensors of a file, which the caller closes. */
  static TensorSource of(SafetensorsFile file) {
    return new TensorSource() {
      @Override
      public Set<String> names() {
        return file.tensors().keySet();
      }

      @Override
      public List<Long> shape(String name) throws IOException {
        TensorEntry entry = file.tensor(name);
        if (entry.dtype() != Dtype.F32) {
          throw new IOException("%s must be of type F32: %s".formatted(name, entry.dtype()));
        }
        return entry.shape();
      }

      @Override
      public void read(String name, long byteOffset, ByteBuffer into) throws IOException {
        file.read(file.tensor(name), byteOffset, into);
      }
    };
  }
}

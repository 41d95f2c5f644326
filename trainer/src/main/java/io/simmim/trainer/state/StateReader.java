package io.simmim.trainer.state;

import io.simmim.trainer.model.parameter.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Training state that can be read piece by piece: little-endian fp32 values in row-major order. */
public interface StateReader {
  /** What there is, in a fixed order. */
  List<TensorSpec> tensors();

  /**
   * Fills the buffer with bytes of one tensor.
   *
   * @param tensor index in {@link #tensors()}
   * @param byteOffset first byte to read; any offset, not only multiples of four
   * @param into filled from its position to its limit, which must not reach past the tensor's end
   */
  void read(int tensor, long byteOffset, ByteBuffer into) throws IOException;
}

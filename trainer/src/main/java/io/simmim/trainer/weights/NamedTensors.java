package io.simmim.trainer.weights;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;

/**
 * Tensors by name, wherever they are kept and in whichever type: read as fp32, one after the other,
 * so that no more than a piece of one is held at a time. Not thread-safe.
 */
public interface NamedTensors extends AutoCloseable {
  /** Names and shapes, in the order of their source. */
  Map<String, List<Long>> shapes();

  /**
   * Reads values of a tensor.
   *
   * @param name one of {@link #shapes}
   * @param start first value, counted in row-major order
   * @param into filled from its position to its limit, which must not reach past the tensor's end
   * @throws IOException if the source cannot be read
   */
  void read(String name, long start, FloatBuffer into) throws IOException;

  /**
   * Reads a whole tensor of fewer than 2^31 values.
   *
   * @return the values in row-major order
   */
  default float[] read(String name) throws IOException {
    float[] values = new float[Math.toIntExact(elements(shapes().get(name)))];
    read(name, 0, FloatBuffer.wrap(values));
    return values;
  }

  /** Number of values that a shape has. */
  static long elements(List<Long> shape) {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  @Override
  void close() throws IOException;
}

package io.simmim.trainer.weights;

import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tensors in memory. */
final class MapTensors implements NamedTensors {
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();
  private final Map<String, float[]> values = new LinkedHashMap<>();
  boolean closed;

  MapTensors add(String name, List<Long> shape, float... given) {
    float[] all = new float[(int) NamedTensors.elements(shape)];
    for (int i = 0; i < all.length; i++) {
      all[i] = given.length == 0 ? i : given[i % given.length];
    }
    shapes.put(name, shape);
    values.put(name, all);
    return this;
  }

  MapTensors remove(String name) {
    shapes.remove(name);
    return this;
  }

  @Override
  public Map<String, List<Long>> shapes() {
    return shapes;
  }

  @Override
  public void read(String name, long start, FloatBuffer into) {
    into.put(values.get(name), (int) start, into.remaining());
  }

  @Override
  public void close() {
    closed = true;
  }
}

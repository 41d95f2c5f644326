package io.simmim.trainer.state;

import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.weights.NamedTensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parameters in a training state, under their official names. Closing leaves the state open.
 */
public final class StateParameters implements NamedTensors {
  /** What their names begin with in a state. */
  static final String PREFIX = "param/";

  private static final int PIECE_VALUES = 1 << 18;

  private final StateReader state;
  private final Map<String, Integer> places = new LinkedHashMap<>();
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

  public StateParameters(StateReader state) {
    this.state = state;
    for (int i = 0; i < state.tensors().size(); i++) {
      TensorSpec tensor = state.tensors().get(i);
      if (tensor.name().startsWith(PREFIX)) {
        String name = tensor.name().substring(PREFIX.length());
        places.put(name, i);
        shapes.put(name, tensor.shape());
      }
    }
  }

  @Override
  public Map<String, List<Long>> shapes() {
    return Collections.unmodifiableMap(shapes);
  }

  @Override
  public void read(String name, long start, FloatBuffer into) throws IOException {
    int place = places.get(name);
    ByteBuffer piece =
        ByteBuffer.allocate(Float.BYTES * Math.min(PIECE_VALUES, into.remaining()))
            .order(ByteOrder.LITTLE_ENDIAN);
    long at = start;
    while (into.hasRemaining()) {
      piece.clear().limit(Math.min(piece.capacity(), Float.BYTES * into.remaining()));
      state.read(place, at * Float.BYTES, piece);
      piece.flip();
      at += piece.remaining() / Float.BYTES;
      into.put(piece.asFloatBuffer());
    }
  }

  @Override
  public void close() {
    // Whoever made the state closes it.
  }
}

package io.simmim.trainer.weights;

import io.simmim.schemas.safetensors.FloatValues;
import io.simmim.schemas.safetensors.SafetensorsFile;
import io.simmim.schemas.safetensors.TensorEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tensors of a safetensors file; those of types that are not read are left out. */
public final class SafetensorsTensors implements NamedTensors {
  private static final int PIECE_VALUES = 1 << 16;

  private final SafetensorsFile file;
  private final String prefix;
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

  /**
   * Those whose names have a prefix, without it.
   *
   * @param file closed with this
   */
  public SafetensorsTensors(SafetensorsFile file, String prefix) {
    this.file = file;
    this.prefix = prefix;
    for (TensorEntry entry : file.tensors().values()) {
      if (entry.name().startsWith(prefix) && FloatValues.reads(entry.dtype())) {
        shapes.put(entry.name().substring(prefix.length()), entry.shape());
      }
    }
  }

  @Override
  public Map<String, List<Long>> shapes() {
    return Collections.unmodifiableMap(shapes);
  }

  @Override
  public void read(String name, long start, FloatBuffer into) throws IOException {
    TensorEntry entry = file.tensor(prefix + name);
    int size = entry.dtype().bytes();
    ByteBuffer piece =
        ByteBuffer.allocate(Math.min(PIECE_VALUES, into.remaining()) * size)
            .order(ByteOrder.LITTLE_ENDIAN);
    int end = into.limit();
    long at = start;
    while (into.position() < end) {
      int values = Math.min(PIECE_VALUES, end - into.position());
      piece.clear().limit(values * size);
      file.read(entry, at * size, piece);
      into.limit(into.position() + values);
      FloatValues.convert(entry.dtype(), piece.flip(), into);
      into.limit(end);
      at += values;
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}

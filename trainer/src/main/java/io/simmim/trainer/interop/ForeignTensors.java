package io.simmim.trainer.interop;

import io.simmim.trainer.interop.ForeignModel.Absent;
import io.simmim.trainer.interop.layout.ForeignText;
import io.simmim.trainer.interop.names.TensorSource;
import io.simmim.trainer.model.parameter.TensorSpec;
import io.simmim.trainer.state.StateReader;
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
 * Weights of a model in the layout of transformers or timm, under the official names. What only the
 * library knows, such as a pooler, is left out, and so are biases of keys: no model here has them,
 * since a softmax does not see them.
 */
public final class ForeignTensors implements NamedTensors {
  private static final String PARAMETER = "param/";
  private static final String KEY_BIAS = ".attn.k_bias";
  private static final int PIECE_VALUES = 1 << 16;

  private final NamedTensors file;
  private final ForeignModel model;
  private final StateReader official;
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();
  private final Map<String, Integer> places = new LinkedHashMap<>();

  private ForeignTensors(NamedTensors file, ForeignModel model) throws IOException {
    this.file = file;
    this.model = model;
    official = model.official(Absent.LEFT_OUT);
    List<TensorSpec> tensors = official.tensors();
    for (int i = 0; i < tensors.size(); i++) {
      String name = tensors.get(i).name().substring(PARAMETER.length());
      if (!ForeignModel.isExtra(name) && !name.endsWith(KEY_BIAS)) {
        shapes.put(name, tensors.get(i).shape());
        places.put(name, i);
      }
    }
  }

  /**
   * Puts the official names in front of a library's.
   *
   * @param text what the files beside it say
   * @param file closed with what is returned
   * @throws IllegalArgumentException if there is no such model here, or the tensors are not those
   *     of the configuration; the message is one line for people. The file is closed then
   */
  public static ForeignTensors of(ForeignText text, NamedTensors file) throws IOException {
    try {
      ForeignModel model =
          ForeignModel.read(text, TensorSource.of(file))
              .orElseThrow(() -> new IllegalArgumentException("it is no library's"));
      return new ForeignTensors(file, model);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** The model that the files beside it describe. */
  public ForeignModel model() {
    return model;
  }

  @Override
  public Map<String, List<Long>> shapes() {
    return Collections.unmodifiableMap(shapes);
  }

  @Override
  public void read(String name, long start, FloatBuffer into) throws IOException {
    ByteBuffer piece =
        ByteBuffer.allocate(Math.min(PIECE_VALUES, into.remaining()) * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    long at = start;
    while (into.hasRemaining()) {
      piece.clear().limit(Math.min(piece.capacity(), into.remaining() * Float.BYTES));
      official.read(places.get(name), at * Float.BYTES, piece);
      FloatBuffer values = piece.flip().asFloatBuffer();
      at += values.remaining();
      into.put(values);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}

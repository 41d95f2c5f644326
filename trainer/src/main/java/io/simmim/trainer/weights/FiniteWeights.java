package io.simmim.trainer.weights;

import io.simmim.schemas.text.PrintableText;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;

/**
 * Refuses values that are not finite when they are read, by {@link NotFinite}.
 *
 * @param tensors closed with this
 */
public record FiniteWeights(NamedTensors tensors) implements NamedTensors {
  /** A value is not finite. Reading it again would not help. */
  public static final class NotFinite extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    NotFinite(String tensor, float value) {
      super("weights must be finite: a value of %s is %s".formatted(tensor, value));
    }
  }

  @Override
  public Map<String, List<Long>> shapes() {
    return tensors.shapes();
  }

  @Override
  public void read(String name, long start, FloatBuffer into) throws IOException {
    FloatBuffer values = into.duplicate();
    tensors.read(name, start, into);
    while (values.hasRemaining()) {
      float value = values.get();
      if (!Float.isFinite(value)) {
        throw new NotFinite(PrintableText.of(name), value);
      }
    }
  }

  @Override
  public void close() throws IOException {
    tensors.close();
  }
}

package io.simmim.trainer.interop.names;

import io.simmim.schemas.text.PrintableText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;

/**
 * Refuses values that are not numbers when they are read, in whole values: an {@link
 * IllegalArgumentException}, since reading again would not help.
 *
 * @param source the tensors
 */
public record FiniteTensors(TensorSource source) implements TensorSource {
  @Override
  public Set<String> names() {
    return source.names();
  }

  @Override
  public List<Long> shape(String name) throws IOException {
    return source.shape(name);
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer into) throws IOException {
    ByteBuffer values = into.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    source.read(name, byteOffset, into);
    while (values.remaining() >= Float.BYTES) {
      float value = values.getFloat();
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException(
            "weights must be finite: a value of %s is %s".formatted(PrintableText.of(name), value));
      }
    }
  }
}

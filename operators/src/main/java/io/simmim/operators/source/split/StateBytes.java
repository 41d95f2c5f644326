package io.simmim.operators.source.split;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Texts and counts in stored splits and enumerator states, limited before anything is allocated.
 */
public final class StateBytes {
  private StateBytes() {}

  public static void writeText(String text, DataOutputSerializer out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  public static String readText(DataInputDeserializer in) throws IOException {
    byte[] bytes = new byte[readCount(in, 1)];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Reads how many elements of at least {@code elementBytes} each follow. */
  public static int readCount(DataInputDeserializer in, int elementBytes) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > in.available() / elementBytes) {
      throw new IOException(
          "%d elements cannot follow in %d bytes".formatted(count, in.available()));
    }
    return count;
  }

  public static void requireEnd(DataInputDeserializer in) throws IOException {
    if (in.available() > 0) {
      throw new IOException("%d bytes too many".formatted(in.available()));
    }
  }
}

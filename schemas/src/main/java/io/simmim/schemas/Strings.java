package io.simmim.schemas;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** UTF-8 strings of any length in stored records ({@code writeUTF} ends at 64 KiB). */
final class Strings {
  private Strings() {}

  static void write(String value, DataOutputView target) throws IOException {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    target.writeInt(bytes.length);
    target.write(bytes);
  }

  static String read(DataInputView source) throws IOException {
    byte[] bytes = new byte[source.readInt()];
    source.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}

package io.simmim.schemas.bytes;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * UTF-8 strings of any length in stored records ({@code writeUTF} ends at 64 KiB), and bytes. A
 * stored count may be damaged: where the input does not tell how much is left, what is allocated
 * grows with what was read.
 */
public final class Strings {
  /** So many bytes are allocated on a count's word; chunks with more are rare. */
  public static final int FIRST_PIECE = 4 << 20;

  private Strings() {}

  /** Writes a string, after the number of its bytes. */
  public static void write(String value, DataOutputView target) throws IOException {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    target.writeInt(bytes.length);
    target.write(bytes);
  }

  /** Reads a string. */
  public static String read(DataInputView source) throws IOException {
    return new String(readBytes(readCount(source), source), StandardCharsets.UTF_8);
  }

  /** Reads how many of something follow. */
  public static int readCount(DataInputView source) throws IOException {
    int count = source.readInt();
    if (count < 0) {
      throw new IllegalArgumentException("a count must not be negative: " + count);
    }
    return count;
  }

  /**
   * Reads bytes.
   *
   * @throws EOFException if there are not as many
   */
  public static byte[] readBytes(long count, DataInputView source) throws IOException {
    int total = Math.toIntExact(count);
    if (source instanceof DataInputDeserializer known && known.available() < total) {
      throw new EOFException("%d bytes are to follow: %d".formatted(total, known.available()));
    }
    byte[] bytes = new byte[Math.min(total, FIRST_PIECE)];
    source.readFully(bytes);
    while (bytes.length < total) {
      int read = bytes.length;
      bytes = Arrays.copyOf(bytes, (int) Math.min(total, 2L * read));
      source.readFully(bytes, read, bytes.length - read);
    }
    return bytes;
  }
}

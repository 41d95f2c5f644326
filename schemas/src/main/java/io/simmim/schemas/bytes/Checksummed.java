package io.simmim.schemas.bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Stored bytes with their checksum behind them: CRC-32C, 4 bytes, big-endian. */
public final class Checksummed {
  private Checksummed() {}

  /** The bytes to be stored. */
  public static byte[] of(byte[] content) {
    return ByteBuffer.allocate(content.length + Integer.BYTES)
        .put(content)
        .putInt(checksum(content, content.length))
        .array();
  }

  /**
   * What was stored.
   *
   * @throws IOException in one line, if that is not what these bytes hold
   */
  public static byte[] content(byte[] stored) throws IOException {
    return Arrays.copyOf(stored, contentLength(stored));
  }

  /**
   * How many of the stored bytes, from the first on, are what was stored.
   *
   * @throws IOException as {@link #content} does
   */
  public static int contentLength(byte[] stored) throws IOException {
    int length = stored.length - Integer.BYTES;
    if (length < 0) {
      throw new IOException("%d bytes are too few for a checksum".formatted(stored.length));
    }
    int told = ByteBuffer.wrap(stored, length, Integer.BYTES).getInt();
    int actual = checksum(stored, length);
    if (told != actual) {
      throw new IOException("its checksum is %08x instead of %08x".formatted(actual, told));
    }
    return length;
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, length);
    return (int) checksum.getValue();
  }
}

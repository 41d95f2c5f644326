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
        .putInt(checksum(content))
        .array();
  }

  /**
   * What was stored.
   *
   * @throws IOException in one line, if that is not what these bytes hold
   */
  public static byte[] content(byte[] stored) throws IOException {
    int length = stored.length - Integer.BYTES;
    if (length < 0) {
      throw new IOException("%d bytes are too few for a checksum".formatted(stored.length));
    }
    byte[] content = Arrays.copyOf(stored, length);
    int told = ByteBuffer.wrap(stored, length, Integer.BYTES).getInt();
    if (told != checksum(content)) {
      throw new IOException(
          "its checksum is %08x instead of %08x".formatted(checksum(content), told));
    }
    return content;
  }

  private static int checksum(byte[] content) {
    CRC32C checksum = new CRC32C();
    checksum.update(content);
    return (int) checksum.getValue();
  }
}

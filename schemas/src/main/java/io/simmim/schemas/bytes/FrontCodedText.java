package io.simmim.schemas.bytes;

import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A text that is stored as what differs from the one before it: the number of leading bytes that
 * both share, the number of others, and these. The numbers are varints, the bytes UTF-8.
 *
 * <p>Not thread-safe.
 */
public final class FrontCodedText {
  /** Bytes that are read one after the other, and may be damaged. */
  public interface Source extends Varint.Source {
    /**
     * The number of bytes of which a text goes on.
     *
     * @throws IllegalArgumentException if so many cannot follow
     */
    int requireLength(long count);

    /** Reads the next bytes. */
    void read(byte[] into, int offset, int count);
  }

  private byte[] bytes = new byte[128];
  private int length;

  /** Writes a text behind another one. */
  public static void write(byte[] before, byte[] text, DataOutput target) throws IOException {
    int mismatch = Arrays.mismatch(before, text);
    int shared = mismatch < 0 ? text.length : mismatch;
    Varint.write(shared, target);
    Varint.write(text.length - shared, target);
    target.write(text, shared, text.length - shared);
  }

  /** Begins anew: the next text shares nothing. */
  public void restart() {
    length = 0;
  }

  /**
   * Reads the next text. Returns whether it is the one before it.
   *
   * @throws IllegalArgumentException if it shares more than there is, or goes on for too long
   */
  public boolean next(Source source) {
    long shared = Varint.read(source);
    int own = source.requireLength(Varint.read(source));
    if (shared < 0 || shared > length) {
      throw new IllegalArgumentException("a text that shares %d bytes".formatted(shared));
    }
    boolean same = own == 0 && shared == length && length > 0;
    int total = Math.toIntExact(shared + own);
    if (total > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(total, 2 * bytes.length));
    }
    source.read(bytes, (int) shared, own);
    length = total;
    return same;
  }

  /** The text that was read last. */
  public String text() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}

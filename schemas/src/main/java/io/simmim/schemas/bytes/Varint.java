package io.simmim.schemas.bytes;

import java.io.ByteArrayOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Numbers in as few bytes as they need: seven bits per byte, lowest first, as in Protobuf. */
public final class Varint {
  private static final int BITS = 7;
  private static final int MORE = 1 << BITS;

  private Varint() {}

  /** Where the bytes come from, one after the other. */
  @FunctionalInterface
  public interface Source {
    /** The next byte. */
    byte nextByte();
  }

  /** Writes a number; a negative one takes ten bytes. */
  public static void write(long value, DataOutput target) throws IOException {
    long rest = value;
    while ((rest & -MORE) != 0) {
      target.writeByte((int) (rest | MORE));
      rest >>>= BITS;
    }
    target.writeByte((int) rest);
  }

  /** The same into memory. */
  public static void write(long value, ByteArrayOutputStream target) {
    try {
      write(value, new DataOutputStream(target));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to memory", e);
    }
  }

  /**
   * Reads a number.
   *
   * @throws IllegalArgumentException if it has more than 64 bits
   */
  public static long read(Source source) {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += BITS) {
      byte next = source.nextByte();
      value |= (long) (next & (MORE - 1)) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number of more than 64 bits");
  }
}

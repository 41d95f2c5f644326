package io.simmim.operators.arrival.log;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/** Bytes that only grow, in blocks, so that growing copies nothing. Not thread-safe. */
public final class ByteLog implements LogBytes {
  private static final int BLOCK_BITS = 16;
  private static final int BLOCK = 1 << BLOCK_BITS;

  private final List<byte[]> blocks = new ArrayList<>();
  private long length;

  @Override
  public long length() {
    return length;
  }

  public void append(byte[] source, int from, int count) {
    int done = 0;
    while (done < count) {
      int at = (int) (length & (BLOCK - 1));
      if (at == 0) {
        blocks.add(new byte[BLOCK]);
      }
      int part = Math.min(count - done, BLOCK - at);
      System.arraycopy(source, from + done, blocks.get(blocks.size() - 1), at, part);
      done += part;
      length += part;
    }
  }

  @Override
  public byte at(long position) {
    if (position < 0 || position >= length) {
      throw new IndexOutOfBoundsException("byte %d of a log of %d".formatted(position, length));
    }
    return blocks.get((int) (position >>> BLOCK_BITS))[(int) (position & (BLOCK - 1))];
  }

  @Override
  public void copy(long position, byte[] into, int offset, int count) {
    if (position < 0 || count > length - position) {
      throw new IndexOutOfBoundsException(
          "bytes %d to %d of a log of %d".formatted(position, position + count, length));
    }
    int done = 0;
    while (done < count) {
      long from = position + done;
      int at = (int) (from & (BLOCK - 1));
      int part = Math.min(count - done, BLOCK - at);
      System.arraycopy(blocks.get((int) (from >>> BLOCK_BITS)), at, into, offset + done, part);
      done += part;
    }
  }

  /** Updates a digest with all bytes. */
  void update(MessageDigest digest) {
    update(digest, length);
  }

  /** Updates a digest with the first bytes. */
  void update(MessageDigest digest, long count) {
    for (long at = 0; at < count; at += BLOCK) {
      digest.update(blocks.get((int) (at / BLOCK)), 0, (int) Math.min(BLOCK, count - at));
    }
  }
}
